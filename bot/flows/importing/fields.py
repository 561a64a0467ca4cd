"""The columns we understand and the usual ways of heading them, Chinese (either script) and English."""

import re
from functools import lru_cache

from bot.flows.importing.fold import folded

SYNONYMS: dict[str, str] = {
    "unit": "房号 房屋编号 房屋编码 房屋号 房屋代码 房产编号 房产号 房间编号 房间编码 房间代码 门牌号 门牌 "
    "门牌号码 户号 房屋 物业编号 物业单元 单位 单位号 资产编号 资产编码 房屋名称 房屋全称 房屋坐落 房屋地址 "
    "物业地址 坐落 地址 铺位 铺位号 商铺号 铺号 房号铺号 车位号 车位编号 编号 完整房号 房源 房源编号 栋单元房号 "
    "楼栋单元房号 楼房号 房屋信息 房产 unit unitno unitnumber unitcode unitid flatno flatnumber flat apartment "
    "apartmentno apt aptno property propertyno propertyid propertycode house houseno housenumber account "
    "accountno accountcode address premises unitref doorno suite",
    "building": "楼栋 栋 楼号 楼 栋号 幢 幢号 座 座号 座数 楼宇 楼栋号 楼座 楼栋名称 楼幢 栋数 楼宇名称 大楼 "
    "几栋 号楼 building buildingno block blockno tower bldg buildingname towerblock",
    "stair": "单元 单元号 梯 梯号 门洞 单元门 楼梯 楼道 单元数 几单元 stair staircase stairwell entrance "
    "stairno unitentrance section core",
    "room": "房间 房间号 室 室号 户 户室 户室号 门号 房 室别 单元室号 room roomno roomnumber",
    "floor": "楼层 层 层数 所在楼层 floor level storey",
    "owner": "业主 业主姓名 业主名称 姓名 产权人 产权人姓名 户主 户主姓名 房主 房主姓名 客户 客户名称 客户姓名 "
    "住户 住户姓名 业主名 权利人 所有权人 产权所有人 房屋所有人 名称 户名 业主户主 业主产权人 业主或单位 "
    "单位名称 责任人 缴费人 业主称呼 owner ownername name customer customername proprietor landlord nameofowner "
    "ownersname fullname householder resident residentname payername",
    "phone": "手机 手机号 手机号码 联系电话 电话 联系方式 移动电话 业主电话 业主手机 业主手机号 电话号码 "
    "联络电话 联系手机 手机电话 联系号码 业主联系电话 业主联系方式 本人电话 phone phoneno phonenumber mobile "
    "mobileno mobilephone mobilenumber tel telephone telno cell cellphone contact contactno contactnumber "
    "contactphone ownerphone ownermobile",
    "phone2": "备用电话 其他电话 第二电话 电话2 手机2 联系电话2 备用手机 备用联系方式 紧急电话2 phone2 mobile2 "
    "alternativephone otherphone secondphone altphone alternatephone",
    "owner_ref": "业主编号 客户编号 业主代码 客户代码 业主id 客户号 业主号 ownerno ownerid ownercode customerno "
    "customerid customercode ownernumber ownerref",
    "identity": "身份证 身份证号 身份证号码 证件号 证件号码 统一社会信用代码 idno idnumber idcard identityno "
    "passportno nationalid",
    "co_owner": "共有人 共同产权人 共有产权人 共同业主 其他产权人 联名业主 共有人姓名 coowner coowners "
    "jointowner jointowners secondowner",
    "co_phone": "共有人电话 共有人手机 共有人联系电话 coownerphone coownermobile jointownerphone",
    "role": "关系 角色 与业主关系 身份 人员类型 联系人类型 relation relationship role",
    "segment": "类型 房屋类型 物业类型 用途 房屋用途 业态 房屋性质 物业性质 性质 房产类型 单元类型 房型 "
    "使用性质 物业业态 propertytype unittype usage type use segment category usetype",
    "occupancy": "入住状态 房屋状态 居住状态 使用状态 入住情况 使用情况 居住情况 是否空置 occupancy "
    "occupancystatus occupied",
    "area": "面积 建筑面积 计费面积 收费面积 产权面积 房屋面积 建面 套内面积 面积平方米 area grossarea "
    "floorarea billingarea sqm areasqm aream2",
    "locale": "语言 语种 沟通语言 首选语言 locale language lang preferredlanguage",
    "openid": "openid 微信openid 公众号openid 已绑定微信 微信绑定 微信 wechat wechatopenid",
    "telegram": "telegram telegramid tgid tg 已绑定telegram telegramchatid chatid",
    "bank_collection": "托收 代扣 银行代扣 是否托收 是否代扣 托收签约 代扣签约 银行托收 托收状态 签约代扣 "
    "directdebit autopay bankcollection autodebit",
    "remark": "备注 说明 附注 备注说明 特殊情况 备注信息 情况说明 催缴备注 跟进情况 摘要 remark remarks note "
    "notes memo comment comments",
    "kind": "费用名称 收费项目 费项 费用项目 收费项 费用类型 费用类别 收费类别 收费类型 科目 收费科目 项目名称 "
    "款项名称 费目 费用 收费名称 费用科目 收费项目名称 款项 缴费项目 项目 欠费项目 fee feename feeitem feetype "
    "feekind chargeitem chargetype chargename chargekind item kind charge description particulars itemname",
    "period": "账期 所属期 费用期间 计费周期 收费周期 期间 账单周期 费用所属期 所属月份 所属账期 月份 季度 "
    "收费期间 缴费周期 费用周期 收费月份 账单月份 费用月份 计费期间 所属期间 周期 欠费期间 欠费月份 费用账期 "
    "收费时段 计费月份 欠费时段 欠费周期 period billingperiod month quarter billingmonth chargeperiod feeperiod "
    "term billedperiod periodcovered",
    "year": "年度 年份 年 所属年度 收费年度 year fiscalyear billingyear",
    "period_from": "开始日期 起始日期 计费开始 计费开始日期 费用开始日期 费用起 开始时间 计费起始日期 "
    "费用起始日期 起始时间 收费开始日期 费用开始 periodfrom periodstart startdate from start",
    "period_to": "结束日期 终止日期 计费结束 计费结束日期 费用结束日期 费用止 结束时间 计费截止日期 "
    "费用截止日期 费用终止日期 终止时间 收费结束日期 费用结束 periodto periodend enddate to end",
    "amount": "应收金额 本期应收 应收 应缴金额 应缴 应交金额 应交 金额 费用金额 账单金额 应收款 应付金额 "
    "应收费用 应缴费用 本期应缴 本期应交 应收合计 应收款项 当期应收 收费金额 应付 应收额 应收总额 费用合计 "
    "amount amountdue amountcharged receivable amountreceivable billedamount chargeamount amountbilled billed "
    "feeamount charged duesamount amountpayable payable",
    "arrears": "欠费金额 欠费 欠缴金额 欠缴 未收金额 未收 未缴 未缴金额 未交 未交金额 欠款 欠款金额 拖欠金额 "
    "欠费总额 欠费余额 欠费合计 剩余未缴 尚欠 尚欠金额 尚欠款 outstanding outstandingamount balance balancedue "
    "arrears unpaid unpaidamount overdueamount amountoutstanding amountowing amountowed owing",
    "due": "缴费截止 应缴日期 缴费截止日期 到期日 到期日期 最后缴费日 最后缴费日期 应收日期 缴费期限 截止日 "
    "截止日期 付款期限 应缴时间 缴款期限 最迟缴费日 应交日期 缴费截止日 缴费到期日 应付日期 最晚缴费日期 due "
    "duedate dueon dateDue payby deadline paymentdue paybydate lastpaymentdate paymentdeadline",
    "posted": "账单日期 出账日期 出账日 开票日期 生成日期 账单生成日期 出单日期 billdate invoicedate posted "
    "postedon posteddate billingdate",
    "paid": "实收金额 已收 实收 已收金额 已缴 已缴金额 已交 已交金额 缴费金额 收款金额 到账金额 实缴 实缴金额 "
    "实收款 本次实收 交费金额 付款金额 支付金额 交易金额 实付金额 实付 实交金额 入账金额 累计已收 本期实收 "
    "本期已收 paid paidamount amountpaid received amountreceived paymentamount collected receiptamount paidin "
    "amountcollected creditamount",
    "paid_on": "缴费日期 到账时间 到账日期 收款日期 付款日期 交费日期 入账日期 交易时间 交易日期 支付时间 "
    "支付日期 缴费时间 实收日期 收款时间 付款时间 入账时间 缴款日期 缴交日期 收费日期 日期 paidon paymentdate "
    "datepaid paiddate receivedon receiveddate datereceived valuedate date transactiondate paidat paymenttime "
    "receiptdate creditedon",
    "way": "缴费方式 支付方式 收款方式 付款方式 支付渠道 结算方式 交费方式 收款渠道 缴费渠道 缴款方式 收费方式 "
    "渠道 paymentmethod method paidby payway paymentway channel modeofpayment paymenttype way paymentmode "
    "paidvia",
    "ref": "流水号 交易流水号 交易号 单号 交易单号 收据号 收据编号 票据号 票据编号 凭证号 凭证编号 订单号 流水 "
    "银行流水号 支付流水号 收款单号 商户单号 账单号 账单编号 应收单号 缴费单号 费用编号 记录号 reference ref "
    "referenceno refno referencenumber transactionid transactionno txnid receiptno receiptnumber billno "
    "invoiceno billnumber invoicenumber externalref chargeid paymentid txnref chargeno",
    "original_ref": "原流水号 冲正流水号 原交易号 原单号 被冲流水号 退票原流水号 原交易流水号 originalref "
    "originalreference reverses reversalof originaltransactionid",
    "payer": "付款人 付款户名 对方户名 缴款人 交款人 付款方 对方名称 汇款人 交费人 付款账户名 payer paidbyname "
    "payername remitter sender",
    "state": "状态 支付状态 缴费状态 交易状态 收款状态 到账状态 回盘状态 扣款状态 status state paymentstatus",
    "settles_on": "回盘日期 预计回盘日期 回盘日 returnfiledate settleson",
    "discount": "减免 优惠 减免金额 优惠金额 折扣 折扣金额 discount waived waiver rebate",
    "late_fee": "违约金 滞纳金 违约金金额 滞纳金金额 逾期费 latefee latecharge penalty",
    "community": "小区 小区名称 项目小区 所属小区 所属项目 社区 楼盘 楼盘名称 community communityname estate "
    "estatename",
    "ignore": "序号 序 行号 户型 单价 标准 收费标准 数量 用量 上期读数 本期读数 读数 入住日期 交房日期 收房日期 "
    "交楼日期 性别 邮箱 电子邮箱 年龄 合计 小计 总计 共计 总额 合计金额 累计 签名 签字 经办人 收款人 操作员 "
    "制表人 客服 管家 物业管家 服务助理 收费员 倍率 税率 税额 逾期天数 欠费月数 欠费期数 账龄 收缴率 上期结余 "
    "结余 余额 收费率 no sn serial serialno index row email gender unitprice rate quantity reading subtotal "
    "grandtotal total cashier collector daysoverdue rowno seq lineno line totaldue id tenant 租户 租客 承租人 "
    "租户姓名 租户电话 租客电话 tenantphone tenantname",
}
FIELDS = tuple(SYNONYMS)
_BY_HEADING = {name.lower(): field for field, names in SYNONYMS.items() for name in names.split()}
_LOOSE: tuple[tuple[str, str], ...] = (
    ("original_ref", r"^原.*(流水|单)号"),
    ("co_phone", r"共有.*(电话|手机)|(co|joint)owner.*(phone|mobile)"),
    ("co_owner", r"共有|联名|coowner|jointowner"),
    ("ignore", r"租户|租客|tenant|读数|单价|天数|合计|小计|总计|共计|经办|收款人|操作员|email|邮箱"),
    ("phone2", r"(备用|其他|紧急|second|alt|other).*(电话|手机|phone|mobile)"),
    ("due", r"截止|到期|期限|最迟|最晚|应缴日|应交日|duedate|deadline|payby"),
    (
        "paid_on",
        r"(缴费|到账|收款|付款|交费|入账|交易|支付|缴款|实收|paid|payment|received|receipt|transaction).*(日期?|时间|date|on|time)$",
    ),
    ("posted", r"(账单|出账|出单|开票|bill|invoice).*(日期?|时间|date)$"),
    ("way", r"(缴费|收款|付款|支付|交费|缴款|结算).*(方式|渠道|途径)|(payment|pay).*(method|channel|way|mode)"),
    ("ref", r"流水|单号|凭证号|收据号|票据号|reference|txn|transactionid|receiptno"),
    ("state", r"(支付|缴费|交易|扣款|回盘).*(状态|结果)|paymentstatus"),
    ("bank_collection", r"托收|代扣|directdebit|autopay"),
    ("openid", r"openid"),
    ("telegram", r"telegram"),
    ("phone", r"手机|电话|联系方式|mobile|phone|telno"),
    ("identity", r"身份证|证件"),
    ("owner_ref", r"(业主|客户|owner|customer).*(编号|代码|id|no|code)$"),
    ("arrears", r"欠费|欠缴|欠款|未收|未缴|未交|尚欠|outstanding|arrears|unpaid|balancedue"),
    ("paid", r"实收|已收|已缴|已交|实缴|收款金额|到账金额|缴费金额|付款金额|支付金额|amountpaid|paidamount|received"),
    ("amount", r"应收|应缴|应交|应付|金额|amount|receivable"),
    ("period", r"账期|所属期|期间|周期|所属月|period|billingmonth"),
    ("kind", r"费用(名|项|类|科)|收费(名|项|类|科)|(fee|charge).*(name|item|type)"),
    ("owner", r"业主|姓名|户主|产权人|房主|owner|customer"),
    ("area", r"面积|area|sqm"),
    ("unit", r"房号|房屋编|门牌|铺位号|车位号|室号|房产编|房屋号|unitno|unitcode|flatno"),
    ("building", r"楼栋|栋号|楼号|幢|building|block|tower"),
    ("stair", r"单元|梯|stair|entrance"),
    ("room", r"房间|室$|^room"),
    ("segment", r"房屋类型|物业类型|业态|用途|propertytype"),
    ("remark", r"备注|说明|remark|note"),
)
_BRACKETS = re.compile(r"[(\[【（][^)\]】）]*[)\]】）]")
_MARKS = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")


@lru_cache(maxsize=4_096)
def plain(heading: str) -> str:
    """A heading without case, blanks, marks and Traditional forms, brackets kept as text."""
    return _MARKS.sub("", folded(heading))


@lru_cache(maxsize=4_096)
def exact(heading: str) -> str | None:
    """The field a heading is a usual name of, also with a remark in brackets: 应收金额（元）."""
    return _BY_HEADING.get(plain(heading)) or _BY_HEADING.get(plain(_BRACKETS.sub("", folded(heading))))


@lru_cache(maxsize=4_096)
def loose(heading: str) -> str | None:
    """The field a heading probably means, by the words in it; asked only when nothing else fits."""
    flat = plain(heading)
    if not flat or len(flat) > 24:
        return None
    return next((field for field, pattern in _LOOSE if re.search(pattern, flat)), None)


def named(word: str) -> str | None:
    """The field a person means at ``--map heading=word``: our own name or any usual heading."""
    return word if word in SYNONYMS else exact(word)
