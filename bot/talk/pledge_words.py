"""The words by which a sentence gives, refuses, asks or makes a condition: the patterns ``bot.talk.pledges`` reads with.

They begin with ``(?a)``: an English word also ends where a Chinese character begins (25号transfer过去).
"""
# ruff: noqa: E501

from __future__ import annotations

import re

from bot.talk.lazily import lazily

PAY = re.compile(
    r"(?a)(?P<done>(?<!成)交(?!学费|作业|房租|个税|社保|保险|话费|罚款|易|警|通|房|付房|代|流|给我|接)|缴(?!费通知|费单)|付(?!款码|款方式|款链)|转(?!告|人工|达|接|让|手|发|卖|给我)|给(?=你|您|钱|物业|清|齐|上|了|吧|到|$|[,。!?\s]|\d|行|可以|成不|得不|好不|ok)"
    r"|打(?=给你|给您|过去|过来|钱|款|到|账|你|\d)|还(?=清|款|钱|上(?!班)|给|完|\d|吧?[,。!]|吧?$)|结(?=清|账|了|掉|完|算|$|[,。])|清(?=了|掉|账|欠|$)|补(?=上|交|缴|齐|给|清|$|[,。])|存(?=进|到|够|钱|上)|汇(?!率|报)|充(?=值|上|钱|进|\d)"
    r"|(?<![没未])到(?:你们?|物业|贵司|公司)?的?账|支付(?!宝)|扣(?!分)|(?<![没未])(?:进账|入账|到手)|走账|出款|(?<!打)扫(?!地|雪|墓|楼|除|帚)|刷(?=卡|一下|$|[,。])|打卡里|凑[够齐]|搞定|(?<!怎么)处理|(?<!怎么)(?<!看着)办(?=好|了|理|妥|掉|$|[,。])|弄(?=好|完|了)|安排(?!人)|解决|去(?:趟|1趟)?(?:前台|物业|窗口|服务中心|管理处|办公室|柜台)(?=[,。!?]|$|吧|啊|哈|把|刷|办|缴|交|弄|结)|拿(?:过去|钱|给你|现金)|送(?:过去|钱|现金)"
    r"|(?:容我?|给我|等我|让我|宽限|缓|拖|延期?|推迟?|等|改|挪|约|定|放|留|宽)(?:到|至|在)|改(?:成|为)|换成)"
    r"|\b(?P<en>pay(?!\s?day|roll|check|cheque|slip)|paying|settle|settling|transfer|transferring|clear|clearing|send|sending|wire|cash|front desk|standing order|put me down|pencil me in|reminder for|schedule[ds]?|go (?:down|over|to the (?:office|counter|bank|front desk))|pop (?:in|by|down|over)|swing by|drop by|stop by|deposit|remit|sort|done by|get it done|deal|handle|payment|bring|drop|make it|do it|have it|give (?:it|you|me)|come (?:and|to|by|in|down)|push|move|extend|wait|(?<!away )(?<!abroad )(?<!holiday )(?<!vacation )(?<!out )(?<!town )(?<!travelling )(?<!hospital )(?<!here )(?<!home )(?<!working )(?<!office )(?:until|till)|promise|commit|expect(?:ing)? (?:it|payment|the money))\b"
)
UNPAID = re.compile(
    r"(?a)(?:不(?:会|想|能|打算|准备|愿意?|可能|肯|再|用|要|得|该)?|没有?(?:法|钱|办法|能力)?|未|别|拒|甭|勿|无法|休想|免)(?:去|来|再|给你们|按时|准时|及时)?$"
    r"|(?:\bnot|n't|never|no|refuse to|without|unable to|cannot|cant|wont)\s?(?:be able to|going to|gonna|want to|wanna|ever|be)?\s*(?:(?:make|do|manage|get|send|the|this|a|my|any|it|that|full)\s){0,3}$"
)
UNABLE = re.compile(r"(?:交|付|转|缴|还|拿|凑|给|结|打)(?:得)?不(?:了|起|出|上|清|到|齐|够|成)")
DONE = lazily(
    r"(?a)^(?:款|费|钱|账|清|完|齐|好|掉|给你们?|过去|物业费|上|完成)?(?:了(?!就|再|之后|以后|后|我|,?再)|过(?!去|来|两|几|了.*再)|完了|的(?:$|[,。!]|现金|钱))"
)
ALREADY = lazily(r"(?:刚|刚刚|刚才|已经?|(?<!一)早就)$")
PAST_EN = re.compile(
    r"(?a)(?:\b(?:i|we|she|he|they|wife|husband|already|just|dad|mum)|'ve)\s(?:(?:have|has|had|already|just|also)\s)*(?:paid|sent|transferred|settled|cleared|wired|deposited|did|made)\b"
    r"|\b(?:was|were|been)\s(?:already\s)?(?:made|paid|sent|done|settled|transferred|cleared)\b"
)
WILL_EN = re.compile(r"(?a)\b(?:will|going to|gonna|rest|remaining|balance|shall|can)\b|'ll")
WILL = re.compile(
    r"(?a)就|会|再|一定|肯定|保证|要|去(?!了|年)|能|可以|准备|打算|才|尽量|争取|我来|必须|得|先|想|应该|前|之内|最晚|最迟|吧$"
)
CONDITION = re.compile(
    r"(?a)(?:修|解决|处理|整改|弄|搞|改|换|装|清理|打扫|说(?!了)|查|算(?!了)|赔|退|免|减|疏通|补|盖|恢复)(?:好|完|掉|妥|清楚|明白|干净|到位|了|偿)+.{0,8}(?:再|才|就|之?后|的话|我)"
    r"|什么时候(?:修|解决|处理|弄|搞|改|换)|(?:没|不).{0,5}(?:修|解决|处理|整改|弄|搞|改).{0,10}(?:不|别想|休想)|除非|until .{0,20}(?:fix|repair|resolv|solv|clean)|(?:once|when|after|if) (?:you|the (?:lift|leak|elevator|roof)) .{0,20}(?:fix|repair|resolv|solv|clean)"
)
NOT_ASKING = lazily(
    r"(?a)看(?:看|一?下)?还?(?:剩|有|欠|能剩)(?:下|了)?多少|(?:随便|任何|没说|没讲|不知道|没定|没有定|不清楚|不确定|没通知|不晓得|没准|说不准|不好说|不管|无论|不论)[^,。!?;]{0,6}?(?:哪天|几号|几时|什么时候|多久|多少|怎么样?|什么|哪)"
    r"|没有?(?:什么|多少|几)|[急催慌怕吵闹](?:个)?什么|怎么(?:老|总|又|还|天天)是?催|\b(?:is|would) (?:it|that|this)(?: be)? (?:ok|okay|alright|fine|possible|acceptable)\b|[\d十]几号|\b(?:don't know|dont know|not sure|no idea|depends|whatever|no matter|see)\s(?:when|what|how|which)\b"
)
ASKING = re.compile(
    r"(?a)[?]|吗|么(?:$|[,。])|呢(?:$|[,。])|是不是|有没有|会不会|要不要|(?:上|开|来)不(?:上|开|来)|什么|怎么|哪|几点|几号|几月(?!底|初)|多少|谁|为何|(?:能|可以|有|在).{0,8}不$"
)
PROPOSING = lazily(
    r"(?a)(?:可以|行|好|成|得|ok|方便|同意|没问题|能|中)(?:吗|么|不(?!了|成|起)|嘛|吧|呗|\?)|可不可以|行不行|好不好|能不能|可否|能否|得唔得|得不得|成不成|怎么样|如何|能.{0,12}(?:交|付|转|缴|吗)|可以.{0,12}(?:交|付|转|缴|吗|么|不$)"
    r"|(?:交|付|转|缴|给|打|还|结|清|补)(?:上|清|齐|掉|你们?|过去|钱|款|费|物业费)?(?:也|都|再|来)?(?:可以|行|好|成|ok)|(?:can|could|may|shall|should) (?:i|we)|is (?:it|that) (?:ok|okay|fine|alright|possible)|would .{0,20}(?:ok|okay|fine|work|do)|\bok(?:ay)?\b|alright|is .{1,20} (?:ok|okay|fine|alright)|(?:will|does|would) .{1,25} (?:work|do|suit)\b|how(?:'s| is) .{1,20}[?]|how about|what about|would that|acceptable|let me|mind if"
)
ABOUT_US = re.compile(
    r"(?a)来得及|来不来得及|期间.{0,4}(?:能|可以|上班)|(?:能|可以|支持|收)(?:不能)?(?:刷卡|扫码|刷信用卡|收?现金)|赶得上|上班|开门|营业|值班|有人|几点|截止日|到期|逾期|会不会|会怎么?样|有什么后果|晚不晚|迟不迟|算不算|算迟|(?<!别)(?<!不要)(?<!被)停[水电]|什么时候|哪天|多少|为什么|凭什么|怎么(?!样)|优惠|打折|滞纳|违约|罚|起诉|涨|是不是|最后一天|最后期限"
    r"|(?:(?<![给跟替帮])你们|师傅|物业|保安|保洁|管家|客服)(?:的人|人)?.{0,6}(?:来|修|处理|解决|派|安排|给我|发|停|检查|打扫|整改|说|通知|开会|收|催|才|答应|承诺|换|装)|(?:(?:^|[?.,!;]\s?|\b(?:and|but|so|or|when|what|why|where|how|who|which|hi|hello) )(?:will|would|is|are|do|does|did|have|has)|\b(?:when|what|why|where|who|how)) (?:you|your|the office|there|anyone|someone|this|it|is|are|the)\b|too late|late fee|open\b|in time|deadline|penalty|due date|last day|due (?:on|by)"
)
IN_PARTS = re.compile(r"(?a)\bsplit\b|分期|分\d次|分几次|剩下|剩余|其余|余下|另一半|instal|in parts|\bthe rest\b")
PART = lazily(
    r"(?a)[一1]次|剩|其余|余下|余款|尾款|另|一半|再|\d{2,}|\b(?:rest|remainder|balance|remaining|other half|half)\b"
)
THE_REST = lazily(r"(?a)剩|其余|余下|余款|尾款|\b(?:rest|remainder|remaining|balance)\b")
SPLIT = lazily(
    r"(?a)分(?:成|开)?\d[次期笔批份天]|分两?[次期笔批]|\d次(?:付|交|缴|还|清|给)|\bsplit|\binstal|\bin \w+ (?:parts|payments)"
)
ALIKE = lazily(r"(?a)各|每次|每笔|平均|均分|对半|\b(?:each|half|equally)\b")
SHARED = lazily(r"(?a)部分|一半|先|剩|其余|余下|另|各|\d{3}|\b(?:half|part|rest|remainder|balance|each|then)\b")
EITHER = (
    ("哪天都", "可以"),
    ("什么时候都", "可以"),
    ("能不能", "可以吧"),
    ("可不可以", "可以可以"),
    ("行不行", "行行吧"),
    ("好不好", "好好吧"),
    ("得不得", "可以吧"),
)
