"""Words without which a sentence is not taken for an intent by its likeness alone: no death without a word of death."""
# ruff: noqa: E501

from __future__ import annotations

import re

from bot.talk.lazily import lazily

SIGNS: dict[str, re.Pattern[str]] = {
    "stop": lazily(
        r"不(?!可以)|[别停退勿莫关甭咪]|取消|拉黑|屏蔽|stop|unsub|remove|don't|no more|enough|quit|cancel|leave me|\btd?\b"
    ),
    "refusal": lazily(
        r"(?a)不|没|别|谁|本事|傻|拒|休|甭|勿|凭|免|[告法]|随|爱|等着|凡|梦|滚|\b(?:not|no|never|won|wont|cant|can|refuse|sue|court|don|dont|nothing|dream|forget)\b"
    ),
    "paid_claim": lazily(
        r"(?a)[了过完清已刚扣]|的|到账|截图|凭证|回单|记录|早就|都交|\b(?:paid|sent|transferred|done|made|settled|cleared|receipt|deducted|gone|did|already|wired|slip|screenshot|through|went)\b"
    ),
    "visit": lazily(
        r"(?a)来|上门|家|约|登门|拜访|见|[收取拿]|当面|\b(?:visit|come|meet|drop|round|over|appointment|home|door|collect)\b"
    ),
    "deceased": lazily(
        r"(?a)死|世|过|走|没了|不在|葬|丧|遗|亡|故|继承|殡|\b(?:died|dead|death|pass|passed|late|funeral|estate|widow|gone|inherit\w*|lost|heir|alive)\b"
    ),
    "sold": lazily(
        r"(?a)卖|转|过|放|户|买|业主|产权|名下|手|房东|主人|归|售|\b(?:sold|sell|bought|buyer|owner\w*|owns?|transferred|mine|hands)\b"
    ),
    "language": lazily(
        r"语|文|话|[繁简]|字|english|chinese|mandarin|cantonese|language|traditional|simplified|translat"
    ),
    "invoice": lazily(r"票|据|抬头|税|报销|凭证|invoice|receipt|fapiao|\btax|\bvat\b|reimburs"),
    "start": lazily(
        r"恢复|重新|继续|开|订|再|还是|收|(?a:\b(?:start|resume|again|back|on|subscribe|keep|continue|remind\w*)\b)"
    ),
}
