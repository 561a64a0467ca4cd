"""The table of what an import says: code → English and Chinese, with slots for the facts."""

from typing import NamedTuple


class Both(NamedTuple):
    """One sentence in two languages, with slots."""

    en: str
    zh: str


_CELLS = {
    "amount": Both("not an amount; write it like 1234.50", "不是金额，请写成 1234.50 这样"),
    "amount_too_large": Both("the amount is too large to be true", "金额大得不可信"),
    "date": Both("not a date; write it like 2026-09-30", "不是日期，请写成 2026-09-30 这样"),
    "no_such_day": Both("there is no such day; write it like 2026-09-30", "没有这一天，请写成 2026-09-30 这样"),
    "day_or_month": Both(
        "day or month first? write the date like 2026-09-30", "分不清哪个是月、哪个是日，请写成 2026-09-30 这样"
    ),
    "year": Both("the year cannot be right; write the date like 2026-09-30", "年份不对，请写成 2026-09-30 这样"),
    "yes_or_no": Both("neither yes nor no; write 是 or 否", "看不出是或否，请写 是 或 否"),
    "area": Both("not an area in square metres; write it like 89.50", "不是面积（平方米），请写成 89.50 这样"),
    "name": Both("not a name; is the column shifted?", "不是姓名，是不是串列了？"),
    "name_too_long": Both(
        "too long for a name; several owners are written 张三、李四", "姓名太长；几位业主请写成 张三、李四"
    ),
    "phone_rounded": Both(
        "the spreadsheet has rounded the number; format the column as text and type it again",
        "号码被表格软件四舍五入了，请把这一列设为文本格式后重新填写",
    ),
    "phone": Both(
        "not a telephone number; a mobile has 11 digits, abroad it begins with +",
        "不是电话号码；手机号是 11 位，境外号码以 + 开头",
    ),
    "phone_without_owner": Both("a telephone without an owner's name", "有电话，没有业主姓名"),
    "unit_missing": Both("the unit is missing", "缺房号"),
    "unit_a_date": Both(
        "the spreadsheet took the unit for a date; format the column as text and type it again",
        "房号被表格软件当成了日期，请把这一列设为文本格式后重新填写",
    ),
    "unit_too_long": Both("too long for a unit; write it like 3-2-1201", "房号太长，请写成 3-2-1201 这样"),
    "locale": Both(
        "not a language we speak; write zh-Hans, zh-Hant or en", "不支持这种语言，请写 zh-Hans、zh-Hant 或 en"
    ),
    "timezone": Both("no such timezone; write it like Asia/Shanghai", "没有这个时区，请写成 Asia/Shanghai 这样"),
    "telegram": Both("a Telegram id is a number", "Telegram 编号是一串数字"),
    "segment": Both(
        "not a kind of property we know; write 住宅, 商铺, 别墅, 车位 or 空置",
        "不认识这种房屋类型，请写 住宅、商铺、别墅、车位 或 空置",
    ),
}
_LINES = {
    "below_zero": Both(
        "a charge is not below zero; money given back belongs in the payments", "应收不能是负数；退款请写在缴费里"
    ),
    "ref_taken": Both(
        "this reference stands already in sheet {sheet!r}, row {row}, with other content; "
        "if one transfer pays several units, add -1, -2 …",
        "这个编号在 {sheet} 第{row}行已经用过，内容不同；一笔转账缴几户的，请在编号后加 -1、-2 …",
    ),
    "amount_missing": Both("the amount is missing", "缺金额"),
    "does_not_add_up": Both(
        "does not add up: what was charged less what was paid is not what is left", "对不上：应收减已收不等于欠费"
    ),
    "more_left": Both("more is left than was charged", "欠费比应收还多"),
    "due_far": Both("lies far from the period {period}", "离账期 {period} 太远"),
    "fee_missing": Both("the name of the fee is missing", "缺费用名称"),
    "fee": Both(
        "not a fee we know; write 物业费, 水费, 车位费 … or a name that ends in 费",
        "不认识这项费用，请写 物业费、水费、车位费 … 或以“费”结尾的名称",
    ),
    "no_period": Both(
        "no period; write it like 2026Q3, 2026-07 or 2026年7-9月", "缺账期，请写成 2026Q3、2026-07 或 2026年7-9月"
    ),
    "period": Both(
        "not a period; write it like 2026Q3, 2026-07 or 2026年7-9月", "不是账期，请写成 2026Q3、2026-07 或 2026年7-9月"
    ),
    "period_wrong": Both("the period {period} cannot be right", "账期 {period} 不可能"),
    "period_backwards": Both("the period ends before it begins", "账期的结束早于开始"),
    "payment_of_nothing": Both("a payment of nothing", "缴费金额是零"),
    "paid_on_missing": Both("the date of the payment is missing", "缺缴费日期"),
    "paid_in_future": Both("a payment in the future", "缴费日期还没到"),
    "other_owner": Both(
        "{unit} belongs to {owner} in sheet {sheet!r}, row {row}", "{unit} 在 {sheet} 第{row}行写的业主是 {owner}"
    ),
    "owner_missing": Both("the owner of {unit} is missing, and the book does not know it", "{unit} 缺业主，账里也没有"),
    "no_owner_yet": Both(
        "this unit has no owner yet; add the owner to the list of units", "这户还没有业主，请在房屋表里补上"
    ),
    "no_such_unit": Both(
        "no such unit in the files or in the book; correct it or add it to the list of units",
        "文件和账里都没有这个房号，请改正，或加进房屋表",
    ),
    "row_twice": Both(
        "{unit} stands twice: this row bills the same fees, periods and amounts as row {row} ({fees}). Delete one of "
        "the two; if both are really owed, give this row a number of its own in a column 账单号 (bill no.). "
        "--skip-bad counts it once",
        "{unit} 重复：这一行与第{row}行的费用、账期、金额都一样（{fees}）。请删掉其中一行；两笔确实都要收的，"
        "加一列“账单号”，给这一行一个自己的号。--skip-bad 只算一次",
    ),
    "bounce_unknown": Both(
        "money given back, but no payment of this unit and amount is known; tell its 原流水号, and its whole amount: "
        "what remains of it is a payment row with a number of its own",
        "是退款，但找不到这户这个金额的缴费，请写上原流水号和那笔缴费的全额；只退一部分的，余下的另写一行缴费，用自己的编号",
    ),
    "bounce_part": Both(
        "payment {ref} is {paid} yuan; of it only {back} are given back, and a part is not taken back by itself. Write "
        "-{paid} with 原流水号 {ref}, and a row of its own for the {rest} that remain, with a number of its own",
        "缴费 {ref} 是 {paid} 元，这里只退 {back} 元；不能只退一部分。请改写两行：一行退全额 -{paid}，"
        "原流水号写 {ref}；另一行写余下的 {rest} 元，用自己的编号",
    ),
    "bounce_more": Both(
        "payment {ref} is only {paid} yuan, {back} cannot be given back of it; correct the amount or the 原流水号",
        "缴费 {ref} 只有 {paid} 元，退不了 {back} 元，请改正金额或原流水号",
    ),
    "bad_unit_row": Both("the row of its unit is bad", "这户自己的那一行有误"),
}
_NOTES = {
    "left_out": Both(
        "charges and payments were left out because the row of their unit is bad",
        "房屋那一行有误，该户的应收和缴费也没有读入",
    ),
    "twins_counted": Both(
        "the same unit, fee, period and amount stand twice without a number that tells them apart; each was counted, "
        "as two parking spaces would be: {where}. If one is too many: `yinuo undo` (撤回 on the import page), delete "
        "the row, import again",
        "房号、费用、账期、金额都相同、又没有编号区分的应收，按两笔各算一次（如两个车位）：{where}。"
        "如果是重复：用 `yinuo undo`（或导入页的“撤回”）撤回，删掉那一行，再导入",
    ),
    "levels_left_out": Both(
        "paid amounts beside charges were left out where a list of payments tells them",
        "缴费表里已有的，应收旁边的已收金额没有再算",
    ),
    "came_back": Both(
        "sheet {sheet!r}, row {row}: {unit} {fee} {period} is listed with {rest} yuan, but {paid} of {amount} was "
        "entered as paid; it was left as it is. If the payment was wrong, take it back (a bounced payment by its own "
        "line, an earlier list by `yinuo undo` or 撤回 on the import page), then import again",
        "{sheet} 第{row}行：{unit} {fee} {period} 列为欠 {rest} 元，但 {amount} 元中已记收 {paid} 元，没有改动。"
        "如果那笔缴费记错了，请先撤回（退票单列一行，上次的清单用 `yinuo undo` 或导入页的“撤回”），再导入",
    ),
    "bounce_again": Both(
        "sheet {sheet!r}, row {row}: {back} yuan are given back of payment {ref} of {paid} yuan, which is given back "
        "already; nothing was changed. If less remains of it than was entered, correct the row of what remains",
        "{sheet} 第{row}行：缴费 {ref}（{paid} 元）已全额退回，这里又退 {back} 元，没有改动。"
        "如果余款因此变少，请改正余款那一行",
    ),
    "absent_paid": Both(
        "{count} charges ({fen} yuan) are absent from the list of debts and were taken as paid by {day}",
        "欠费清单里没有的 {count} 笔应收（{fen} 元）按截至 {day} 已缴处理",
    ),
    "met_elsewhere": Both(
        "payments were already entered at the desk or by another system; they were not counted again",
        "前台或别的系统已经录过的缴费没有再算",
    ),
    "large_payment": Both(
        "sheet {sheet!r}, row {row}: {unit} paid {paid} yuan, but {billed} yuan is all that was ever billed to it; "
        "is the amount a slip? If so: `yinuo undo` (撤回 on the import page), correct the row, import again",
        "{sheet} 第{row}行：{unit} 缴费 {paid} 元，而这户总共才应收 {billed} 元，是不是输错了？"
        "如果输错：用 `yinuo undo`（或导入页的“撤回”）撤回，改正后再导入",
    ),
    "large_payments_more": Both("{count} more payments as large", "这样大的缴费另有 {count} 笔"),
    "unnamed_owners": Both(
        "units have charges but no owner's name; the owner is left unnamed until a file tells it",
        "有应收、没有业主姓名的户，业主暂缺，等文件里写明",
    ),
    "two_names": Both(
        "the owner number of {name} stands beside two names; two owners were made of it",
        "{name} 的业主编号对着两个名字，按两位业主处理",
    ),
    "phones_replaced": Both(
        "telephone numbers the files no longer tell are not written to any more", "文件里不再有的号码不再发送"
    ),
    "says_paid": Both(
        "cells of the wide table say 已缴 (paid) instead of an amount: read as nothing owed",
        "收费大表里写“已缴”而不是金额的格子，按不欠读",
    ),
    "same_refs": Both(
        "rows with the same reference number and content were counted once", "编号和内容都相同的行只算一次"
    ),
    "late_fee_rows": Both(
        "rows of late fees were not imported; enter the contract's rate instead", "违约金的行没有读入，请录入合同的费率"
    ),
    "month_of_date": Both(
        "charges without a period were given the month of their date", "没有账期的应收，按日期所在的月份算"
    ),
    "unknown_ways": Both("ways of paying we do not know were taken as other", "不认识的缴费方式按“其他”算"),
    "relatives": Both(
        "relatives and others without the owner's consent were not taken over as contacts",
        "亲属等未经业主同意的人没有作为联系人",
    ),
    "landlines": Both(
        "landline numbers were left out, they cannot be written to: {where}",
        "座机收不到短信，没有读入：{where}",
    ),
    "holds_over": Both(
        "remarks say that a hold is over or not so; none was made of that part", "备注说已经了结的，没有按暂停处理"
    ),
    "no_headings": Both(
        "sheet {sheet!r}: no headings found, nothing read; it needs a unit (房号) and one more known column; "
        '--map "HEADING=房号" says what a column is and is remembered',
        '{sheet}：找不到表头，没有读入；要有房号和至少一列认得的；用 --map "表头=房号" 说明是什么列，会记住',
    ),
    "without_unit": Both(
        "sheet {sheet!r}, row {row}: amounts without a unit were not read",
        "{sheet} 第{row}行：有金额没有房号，没有读入",
    ),
    "numbers_unread": Both(
        "sheet {sheet!r}: column {heading!r} holds numbers but no fee and period we know; it was not read, "
        '--map "{heading}=物业费2026Q3" (or =ignore) says what it is',
        "{sheet}：列“{heading}”里是数字，但看不出费用和账期，没有读入；"
        '用 --map "{heading}=物业费2026Q3"（或 =ignore）说明',
    ),
    "column_unread": Both(
        "sheet {sheet!r}: column {heading!r} was not understood and not read; "
        '--map "{heading}=房号" (or 业主, 应收金额 …, ignore) says what it is and is remembered',
        '{sheet}：列“{heading}”不认得，没有读入；用 --map "{heading}=房号"（或 业主、应收金额 …、ignore）说明，会记住',
    ),
    "late_fee_column": Both(
        "sheet {sheet!r}: late fees are not imported; enter the contract's rate instead",
        "{sheet}：违约金不导入，请录入合同的费率",
    ),
    "as_of_to_come": Both(
        "the book cannot hold payments up to {day}, which is to come; {today} was taken",
        "{day} 还没到，账不可能录到那天，按 {today} 算",
    ),
    "as_of": Both("payments are now in the book up to {day} ({how})", "收款已录到 {day}（{how}）"),
    "as_of_kept": Both(
        "payments were already in the book up to {known}; --as-of {day} does not take that back",
        "收款早已录到 {known}；--as-of {day} 不会往回改",
    ),
    "as_of_by_hand": Both("--as-of", "--as-of"),
    "as_of_by_file": Both("told by the file", "文件里写的"),
    "as_of_today": Both(
        "today, since a list of debts is read; --as-of tells another day", "读的是欠费清单，按今天；--as-of 可改"
    ),
    "as_of_newest": Both(
        "the newest payment; --as-of tells a later day", "最近一笔缴费的日期；--as-of 可说明更晚的日期"
    ),
    "no_as_of": Both(
        "nothing says up to which day payments are in the book: no reminder will go out until payments are "
        "imported or --as-of DATE tells it",
        "不知道收款录到了哪一天：导入缴费或用 --as-of 日期 说明之前，不会发任何提醒",
    ),
    "stale": Both(
        "payments are in the book only up to {day}, {age} working days ago: {bands} reminders stay silent until newer "
        "payments are imported or --as-of DATE tells a later day",
        "收款只录到 {day}，已过 {age} 个工作日：{bands} 的提醒先停，等导入更新的缴费，或用 --as-of 日期 说明更晚的日期",
    ),
    "times": Both("{what} ({times} times)", "{what}（{times} 次）"),
}
_REFUSALS = {
    "no_file": Both("{name}: there is no such file", "{name}：没有这个文件"),
    "kind_of_file": Both(
        "{name}: not an XLSX or CSV file; save it as .xlsx or .csv",
        "{name}：不是 XLSX 或 CSV 文件，请另存为 .xlsx 或 .csv",
    ),
    "empty_file": Both("{name}: the file is empty", "{name}：文件是空的"),
    "file_too_large": Both(
        "{name}: {size} MB is more than the {limit} MB allowed; split the file",
        "{name}：{size} MB，超过 {limit} MB 的上限，请拆成几个文件",
    ),
    "old_workbook": Both(
        "{name}: the workbook is encrypted or of the old .xls kind; save it as plain .xlsx",
        "{name}：工作簿有密码，或是旧的 .xls 格式，请另存为普通 .xlsx",
    ),
    "not_a_workbook": Both(
        "{name}: not a readable workbook; open it in a spreadsheet and save as .xlsx",
        "{name}：不是能读的工作簿，请用表格软件打开后另存为 .xlsx",
    ),
    "zip_no_workbook": Both(
        "{name}: a zip file, but no workbook in it; save the table as .xlsx",
        "{name}：压缩包里没有工作簿，请把表另存为 .xlsx",
    ),
    "too_many_parts": Both(
        "{name}: {count} parts are no workbook of an office; save the tables as a new file",
        "{name}：内含 {count} 个部分，不像办公工作簿，请把表另存为新文件",
    ),
    "unpacked_too_large": Both(
        "{name}: unpacked it would be over {limit} MB (a zip bomb?); split the file",
        "{name}：解开后超过 {limit} MB（压缩炸弹？），请拆成几个文件",
    ),
    "encrypted": Both(
        "{name}: the file is encrypted; save it without a password", "{name}：文件有密码，请去掉密码再保存"
    ),
    "packed_too_tight": Both(
        "{name}: packed more than {ratio} to 1 (a zip bomb?); save the table as a new file",
        "{name}：压缩比超过 {ratio} 比 1（压缩炸弹？），请把表另存为新文件",
    ),
    "unpacks_to_more": Both(
        "{name}: unpacks to far more than it says (a zip bomb?); save the table as a new file",
        "{name}：解开后比它说的大得多（压缩炸弹？），请把表另存为新文件",
    ),
    "uncalculated": Both(
        "{name}: holds formulas without results; open it in a spreadsheet, save, try again",
        "{name}：有没算出结果的公式，请用表格软件打开、保存后再试",
    ),
    "spread_out": Both(
        "{name}: a sheet spreads over {rows} rows and {columns} columns; delete the stray far-away cells",
        "{name}：有一张表占了 {rows} 行 {columns} 列，请删掉远处多余的格子",
    ),
    "damaged": Both(
        "{name}: the workbook is damaged; open it in a spreadsheet and save it anew",
        "{name}：工作簿已损坏，请用表格软件打开后重新保存",
    ),
    "packed_oddly": Both(
        "{name}: packed in an unusual way; open it in a spreadsheet and save it anew",
        "{name}：压缩方式少见，请用表格软件打开后重新保存",
    ),
    "sheet_unreadable": Both(
        "{name}: sheet {sheet!r} cannot be read; save the workbook anew", "{name}：读不了 {sheet} 这张表，请重新保存"
    ),
    "csv_unreadable": Both(
        "{name}: not a readable CSV file ({why}); save it anew as CSV", "{name}：读不了的 CSV（{why}），请重新存为 CSV"
    ),
    "not_text": Both("{name}: not a text file; save the table as CSV", "{name}：不是文本文件，请把表存为 CSV"),
    "encoding": Both(
        "{name}: neither UTF-8 nor GB18030 text; save it as CSV UTF-8",
        "{name}：既不是 UTF-8 也不是 GB18030，请存为 CSV UTF-8",
    ),
    "first_community": Both(
        "the database has no community yet: say --community NAME", "库里还没有小区，请加 --community 小区名"
    ),
    "which_community": Both(
        "several communities are here ({names}): say --community NAME", "有几个小区（{names}），请加 --community 小区名"
    ),
    "no_such_community": Both(
        "no community is called {name!r}; known: {names}; --new-community makes another one",
        "没有叫“{name}”的小区；已有：{names}；要新建请加 --new-community",
    ),
    "bad_map": Both(
        "--map {heading}={word}: {word!r} is no column we know; write 房号, 应收金额, ignore, 物业费2026Q3 …",
        "--map {heading}={word}：“{word}”不是认得的列，请写 房号、应收金额、ignore、物业费2026Q3 …",
    ),
    "no_file_named": Both("no file was named", "没有写文件名"),
    "nothing_found": Both(
        "nothing to import was found; a sheet needs headings such as 房号, 业主, 应收金额, 缴费日期; "
        'other headings: --map "HEADING=房号" for each, remembered from then on',
        "没有可导入的内容；表里要有 房号、业主、应收金额、缴费日期 这样的表头；"
        '别的表头逐个用 --map "表头=房号" 说明，以后会记住',
    ),
    "strange_upload": Both(
        "{name}: not an XLSX or CSV file; save it as .xlsx or .csv",
        "{name} 不是 XLSX 或 CSV 文件，请另存为 .xlsx 或 .csv",
    ),
    "upload_gone": Both("the upload is gone; choose the file again", "上传的文件已不在，请重新选择文件"),
    "nothing_to_undo": Both("there is no import to take back", "没有可撤回的导入"),
}
SAYINGS: dict[str, Both] = {**_CELLS, **_LINES, **_NOTES, **_REFUSALS}
