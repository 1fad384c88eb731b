"""Every refusal of the desk: a code for programs, a sentence for people, details for both.

A sentence says what was found, what was expected, what to do and whether anything was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from yihu.rulebook.refusals import Phrase, Refused

#: code → sentence in Chinese and English, filled with the details by name.
SENTENCES: dict[str, dict[str, str]] = {
    # -- access -----------------------------------------------------------------------------------
    "access.not_yours": {
        "zh": "您的岗位看不到这一页的内容，或者它不存在。"
        "如工作需要，请联系管理员调整岗位。未写入任何内容。",
        "en": "Your posts do not reach this, or it does not exist. Ask an administrator if your "
        "work needs it. Nothing was written.",
    },
    "access.may_not": {
        "zh": "您的岗位不能{what_zh}。如工作需要，请联系管理员。未写入任何内容。",
        "en": "Your posts do not let you {what}. Ask an administrator if your work needs it. "
        "Nothing was written.",
    },
    "access.no_reason": {
        "zh": "查看完整号码要写明理由（至少 {least} 个字，标点不算）。本次未显示。",
        "en": "Seeing whole numbers needs a reason of {least} letters or figures at least. "
        "Nothing was shown.",
    },
    "access.name_taken": {
        "zh": "登录名“{found}”已有人使用。请换一个；未写入任何内容。",
        "en": "The sign-in name “{found}” is taken. Choose another; nothing was written.",
    },
    "access.no_such_worker": {
        "zh": "没有登录名为“{found}”的账号。请核对；未改动任何内容。",
        "en": "No account has the sign-in name “{found}”. Check it; nothing was changed.",
    },
    "access.passwords_differ": {
        "zh": "两次输入的密码不同。请重新运行；未写入任何内容。",
        "en": "The two passwords differ. Run the command again; nothing was written.",
    },
    "access.weak_password": {
        "zh": "密码太容易猜到（{why}）。请换一个更长的；未写入任何内容。",
        "en": "The password is too easy to guess ({why}). Choose a longer one; nothing was "
        "written.",
    },
    "access.own_post": {
        "zh": "不能给自己任命岗位。请由另一位管理员操作；未写入任何内容。",
        "en": "Nobody gives himself a post. Let another administrator do it; nothing was written.",
    },
    "access.oneself": {
        "zh": "不能停用自己的账号。请由另一位管理员操作；未写入任何内容。",
        "en": "Nobody closes his own account. Let another administrator do it; nothing was "
        "written.",
    },
    "access.no_such_role": {
        "zh": "没有岗位“{found}”。可选：{known}。未写入任何内容。",
        "en": "There is no role “{found}”. Known: {known}. Nothing was written.",
    },
    "access.no_such_department": {
        "zh": "没有“{found}”这个部门。可用：{known}。请改正；未写入任何内容。",
        "en": "There is no department “{found}”. Known: {known}. Mend it; nothing was written.",
    },
    "access.no_department": {
        "zh": "指标部门岗位要写明是哪个部门。未写入任何内容。",
        "en": "A post in a department needs the name of the department. Nothing was written.",
    },
    "access.appointed_already": {
        "zh": "{name}在{place}已有这个岗位，尚未结束。未写入任何内容。",
        "en": "{name} holds this post at {place} already. Nothing was written.",
    },
    "access.before_it_began": {
        "zh": "最后一天 {found} 早于开始的 {since}。请改正日期；未写入任何内容。",
        "en": "The last day {found} lies before the first, {since}. Mend the day; nothing was "
        "written.",
    },
    "access.ended_already": {
        "zh": "已定于 {until} 结束，不能延到 {found}。如需继续，请重新任命或结对；未写入任何内容。",
        "en": "It ends on {until} and cannot last until {found}. Appoint or pair anew; nothing was "
        "written.",
    },
    "access.own_pairing": {
        "zh": "自己的结对不能倒填到 {today} 之前结束（填的是 {found}）。请改为今天或由别人办理；"
        "未写入任何内容。",
        "en": "Nobody ends his own pairing with a day gone by: it was {found}, today is {today}. "
        "Give today or leave it to somebody else; nothing was written.",
    },
    "access.no_helper": {
        "zh": "{name}当日不是帮扶干部，不能结对。请先任命；未写入任何内容。",
        "en": "{name} is no helper on that day and cannot be paired. Appoint first; nothing was "
        "written.",
    },
    "access.to_oneself": {
        "zh": "移交人与接手人是同一人。请另选接手人；未写入任何内容。",
        "en": "The one who hands over and the one who takes over are the same. Choose another; "
        "nothing was written.",
    },
    "access.token_scopes": {
        "zh": "访问令牌至少要有一项用途，您可选：{known}。未写入任何内容。",
        "en": "A token needs at least one scope; you may give: {known}. Nothing was written.",
    },
    "access.token_end": {
        "zh": "访问令牌的有效期要在今天之后、一年之内。未写入任何内容。",
        "en": "A token ends after today and within a year. Nothing was written.",
    },
    "access.no_token": {
        "zh": "没有有效的访问令牌（可能已过期或撤销）。请在请求头写 Authorization: Bearer 令牌。",
        "en": "There is no valid token (it may be over or revoked). Send the header "
        "Authorization: Bearer TOKEN.",
    },
    "access.token_may_not": {
        "zh": "该访问令牌的用途不含“{scope}”。请另建一个；未写入任何内容。",
        "en": "The token has no scope “{scope}”. Make another; nothing was written.",
    },
    # -- places -----------------------------------------------------------------------------------
    "places.none": {
        "zh": "还没有载入任何地点。请先载入区划代码：yihu places load 文件。未写入任何内容。",
        "en": "No places are loaded yet. Load them first: yihu places load FILE. Nothing was "
        "written.",
    },
    "places.not_found": {
        "zh": "没有代码为“{found}”的地点。请核对代码；未写入任何内容。",
        "en": "No place has the code “{found}”. Check the code; nothing was written.",
    },
    "places.divided": {
        "zh": "代码“{found}”的地方已分到几处（{parts}）。请写明是哪一处；未写入任何内容。",
        "en": "What had the code “{found}” was divided among {parts}. Say which is meant; nothing "
        "was written.",
    },
    "places.bad_code": {
        "zh": "“{found}”不是区划代码（应为 2、4、6、9、12 或 15 位数字）。请改正；未写入任何内容。",
        "en": "“{found}” is no code of a place (2, 4, 6, 9, 12 or 15 digits). Mend it; nothing was "
        "written.",
    },
    "places.code_taken": {
        "zh": "代码“{found}”已属于另一个地方。请核对；未写入任何内容。",
        "en": "The code “{found}” belongs to another place. Check it; nothing was written.",
    },
    "places.wrong_level": {
        "zh": "{found}（{level}）不能放在{parent}之下或并入其中。请核对级别；未写入任何内容。",
        "en": "{found} ({level}) cannot lie in {parent} or be merged with it. Check the levels; "
        "nothing was written.",
    },
    "places.gone": {
        "zh": "{found}已于 {on} 撤并，不能再变更。未写入任何内容。",
        "en": "{found} ended on {on} and changes no more. Nothing was written.",
    },
    "places.before_it_began": {
        "zh": "变更日期 {found} 不晚于设立日期 {since}。请改正；未写入任何内容。",
        "en": "The day of the change, {found}, is not after the first day, {since}. Mend it; "
        "nothing was written.",
    },
    "places.period_taken": {
        "zh": "{found}在这段时间已是贫困村。请核对起止日期；未写入任何内容。",
        "en": "{found} is on the list of poverty villages in that period already. Check the days; "
        "nothing was written.",
    },
    "places.no_period": {
        "zh": "{found}当日不在贫困村名单上。请核对日期；未写入任何内容。",
        "en": "{found} is not on the list of poverty villages on that day. Check it; nothing was "
        "written.",
    },
    "places.blank": {
        "zh": "{file} 第 {line} 行的“{column}”空白。请补上代码和名称；未写入任何内容。",
        "en": "In line {line} of {file} “{column}” is blank. Give both code and name; nothing was "
        "written.",
    },
    "places.no_columns": {
        "zh": "{file} 的表头（{found}）里没有代码或名称一列。请改为“代码”“名称”；未写入任何内容。",
        "en": "The headings of {file} ({found}) name no code or no name. Call them code and name; "
        "nothing was written.",
    },
    # -- api --------------------------------------------------------------------------------------
    "api.written_in_future": {
        "zh": "written_at 是 {found}，晚于现在（{now}）。请给出实际填写的时间，或不给；"
        "未写入任何内容。",
        "en": "written_at is {found}, after now ({now}). Give the moment it was written, or leave "
        "it out; nothing was written.",
    },
    "api.bad_shape": {
        "zh": "请求的格式不对：{where}。格式见 /api/v1/docs；未写入任何内容。",
        "en": "The request has another shape than described: {where}. See /api/v1/docs; nothing "
        "was written.",
    },
    "api.unknown_name": {
        "zh": "{path} 不认识查询参数 {found}，可用：{known}。请改正或去掉；未写入任何内容。",
        "en": "{path} takes no {found} in its address, but: {known}. Mend it or leave it out; "
        "nothing was written.",
    },
    "api.no_card_then": {
        "zh": "该户在所问的时候（{found}）还没有户册，没有那时的户卡。户册第一条记录说的是 {first}"
        "，{received} 收到。请给出此后的日子或时刻；未写入任何内容。",
        "en": "The household had no book by then ({found}), so there is no card of that time. Its "
        "first entry is about {first} and came in at {received}. Ask for a day or moment from then "
        "on; nothing was written.",
    },
    "api.bad_after": {
        "zh": "“{found}”不是上一页给出的 next。请原样传回；未写入任何内容。",
        "en": "“{found}” is not the next of a page. Send it back as it was; nothing was written.",
    },
    "api.not_your_source": {
        "zh": "来源“{found}”不能由您填写。可用：{own}，或程序自己的名称；未写入任何内容。",
        "en": "The source {found} is not yours to name. Use one of {own}, or the program's own "
        "name; nothing was written.",
    },
    "api.nothing_said": {
        "zh": "says 里什么也没有说（收到 {found}）。请至少写一项事实、变动或文字；未写入任何内容。",
        "en": "says says nothing (it is {found}). Give at least one fact, act or words; nothing "
        "was written.",
    },
    "api.known_ahead": {
        "zh": "known_at 是 {found}，晚于现在（{now}）：以后收到什么还不知道。"
        "请给出现在或以前的时刻，或不给；未写入任何内容。",
        "en": "known_at is {found}, after now ({now}): what will be received is not known. Give "
        "now or a moment before, or leave it out; nothing was written.",
    },
    "api.no_zone": {
        "zh": "时刻没有写明时区。请写成 2020-10-17T12:00:00+08:00；未写入任何内容。",
        "en": "The moment names no time zone. Write 2020-10-17T12:00:00+08:00; nothing was "
        "written.",
    },
    "api.not_checked": {
        "zh": "该户还没有核查结果。请稍后再查。",
        "en": "The household has not been checked yet. Ask again later.",
    },
    "api.no_mark": {
        "zh": "登录会话写入时要带防伪造标记（请求头 X-CSRFToken，值在 csrftoken 中）。"
        "未写入任何内容。",
        "en": "Writing by a session needs its mark against forgery (header X-CSRFToken, the value "
        "of the cookie csrftoken). Nothing was written.",
    },
    "desk.wrong_host": {
        "zh": "请求用的主机名“{found}”不是这个工作台的。请用管理员给的地址打开；"
        "如确应可用，请管理员把它加进 YIHU_HOSTS 后重新启动。未写入任何内容。",
        "en": "The host name “{found}” is not this desk's. Open the address you were given; if the "
        "name should do, an administrator adds it to YIHU_HOSTS and starts again. Nothing was "
        "written.",
    },
    "desk.bad_request": {
        "zh": "请求的写法不对，或内容过多。请返回上一页重试；未写入任何内容。",
        "en": "The request is written in a wrong way, or holds too much. Go back a page and try "
        "again; nothing was written.",
    },
    "api.no_such_path": {
        "zh": "程序接口没有这个地址：{path}。地址见 /api/v1/docs；未写入任何内容。",
        "en": "The API has no such path: {path}. See /api/v1/docs; nothing was written.",
    },
    "api.wrong_method": {
        "zh": "{path} 不接受 {method}，可用：{allowed}。用法见 /api/v1/docs；未写入任何内容。",
        "en": "{path} takes no {method}, but {allowed}. See /api/v1/docs; nothing was written.",
    },
    "api.too_large": {
        "zh": "请求超过 {most} MB。请分几次发送；未写入任何内容。",
        "en": "The request has more than {most} MB. Send it in several; nothing was written.",
    },
    "api.failed": {
        "zh": "系统出错，不能确定是否已写入。用同一个 id 再发一次，不会重复写入；"
        "原因由管理员在日志中查看。",
        "en": "The system failed, and whether it was written is not known. Sent again with the "
        "same id nothing is written twice; an administrator finds the reason in the log.",
    },
    # -- people -----------------------------------------------------------------------------------
    "people.no_day": {
        "zh": "“{found}”不是日期。请写成 2020-10-17；未写入任何内容。",
        "en": "“{found}” is no day. Write 2020-10-17; nothing was written.",
    },
    "people.no_reason": {
        "zh": "请写明理由（至少 {least} 个字，标点不算）。未写入任何内容。",
        "en": "Say why, in {least} letters or figures at least. Nothing was written.",
    },
    "people.no_taker": {
        "zh": "您的范围内没有叫“{found}”的人，或不止一个。请从列表里选，"
        "或写登录名（在那个人的页面上）；未移交任何户。",
        "en": "Nobody in your reach is called “{found}”, or more than one is. Choose one of the "
        "list, or give the sign-in name on that person's page; nothing was handed over.",
    },
    "people.nobody_chosen": {
        "zh": "没有选择要移交的农户。请勾选后再移交；未改动任何内容。",
        "en": "No family was chosen. Tick those to be handed over; nothing was changed.",
    },
    "people.no_name": {
        "zh": "请填写登录名和姓名。未写入任何内容。",
        "en": "Give a sign-in name and a name. Nothing was written.",
    },
    # -- desk -------------------------------------------------------------------------------------
    "desk.address_taken": {
        "zh": "地址 {address} 不能使用（{why}）。可能已有工作台在运行；请停止它，"
        "或用 {option} 换一个端口。未改动任何内容。",
        "en": "The address {address} cannot be used ({why}). Perhaps a desk runs there already: "
        "stop it, or choose another with {option}. Nothing was changed.",
    },
    "desk.not_utf8": {
        "zh": "YIHU_DATABASE 所指的数据库编码是 {found}，应为 UTF8。请另建一个："
        "CREATE DATABASE 库名 OWNER 账号 ENCODING 'UTF8' TEMPLATE template0; 未写入任何内容。",
        "en": "The database of YIHU_DATABASE is in {found}; expected is UTF8. Make another: CREATE "
        "DATABASE name OWNER account ENCODING 'UTF8' TEMPLATE template0; nothing was written.",
    },
    "desk.not_a_demo": {
        "zh": "{folder} 里已有本单位的工作台，不能当作演示县使用。请用 yihu serve 启动它，"
        "或用 YIHU_HOME 指定另一个文件夹来看演示。未改动任何内容。",
        "en": "{folder} holds an installation of your own and is not used for the demo. Start it "
        "with yihu serve, or name another folder in YIHU_HOME to see the demo. Nothing was "
        "changed.",
    },
    "desk.half_a_certificate": {
        "zh": "只给了 {given}，没有给 {missing}。请两个都给，或都不给。未改动任何内容。",
        "en": "{given} was given without {missing}. Give both, or neither. Nothing was changed.",
    },
    "desk.bad_certificate": {
        "zh": "{certificate} 和 {key} 不能用作 HTTPS 的证书与私钥（{why}）。请核对是否为同一对 "
        "PEM 文件、私钥没有密码。未改动任何内容。",
        "en": "{certificate} and {key} cannot be used as certificate and key ({why}). They must be "
        "one pair of PEM files, the key without a password. Nothing was changed.",
    },
    "desk.two_certificates": {
        "zh": "--tls 由工作台自己制作证书，--certificate 用现成的证书，"
        "只能选一种。未改动任何内容。",
        "en": "--tls makes a certificate, --certificate names one that is there: choose one of "
        "them. Nothing was changed.",
    },
    "desk.same_port": {
        "zh": "--port 和 --phones-port 都是 {port}。请给手机帮助页另一个端口。未改动任何内容。",
        "en": "--port and --phones-port are both {port}. Give the page for phones another. Nothing "
        "was changed.",
    },
    # -- lan --------------------------------------------------------------------------------------
    "lan.no_name": {
        "zh": "“{found}”不是主机名或 IP 地址。请写成 yihu.lan 或 192.168.1.20，"
        "不带 http:// 和端口。未改动任何内容。",
        "en": "“{found}” is neither the name of a machine nor an IP address. Write it like "
        "yihu.lan or 192.168.1.20, without http:// and port. Nothing was changed.",
    },
    "lan.broken": {
        "zh": "{path} 里没有完整的一对证书和私钥。请恢复这个文件，或把它移走后重新启动"
        "（移走 authority.pem 以后，每部手机都要重新信任）。未改动任何内容。",
        "en": "{path} does not hold one certificate and its key. Put the file back, or move it "
        "away and start again; without authority.pem every phone has to trust anew. Nothing was "
        "changed.",
    },
    "lan.foreign": {
        "zh": "{path} 不是本工作台制作的。请把它移走后重新启动；要用自己的证书，"
        "请用 --certificate 和 --key。未改动任何内容。",
        "en": "{path} was not made by this desk. Move it away and start again; certificates of "
        "your own are named by --certificate and --key. Nothing was changed.",
    },
    "lan.outside": {
        "zh": "手机信任的 {file} 不能担保“{name}”：它只管制作时的名称和局域网地址。"
        "请去掉这个名称；或把 {file} 移走后重新启动，每部手机都要重新信任。未改动任何内容。",
        "en": "{file}, which phones trust, may not vouch for “{name}”: it is bound to addresses of "
        "local networks and the names it was made with. Leave that name out; or move {file} away "
        "and start again, and every phone has to trust anew. Nothing was changed.",
    },
    # -- demo -------------------------------------------------------------------------------------
    "demo.not_empty": {
        "zh": "{folder} 的数据库里已有别的户册，不能在里面造演示县。"
        "请用 YIHU_HOME 指定一个空文件夹。未写入任何内容。",
        "en": "The database of {folder} holds other books, so no demo county is made in it. Name "
        "an empty folder in YIHU_HOME. Nothing was written.",
    },
    # -- book -------------------------------------------------------------------------------------
    "book.seen_in_future": {
        "zh": "“{what}”的发生日期 {seen_on} 晚于今天（{today}）。"
        "请填写实际发生的日期；未写入任何内容。",
        "en": "{what} is said to have held on {seen_on}, after today ({today}). Give the day it "
        "was seen; nothing was written.",
    },
    "book.behind": {
        "zh": "本户第 {at} 条记录也写了“{fact}”，而您看到的只到第 {yours} 条。"
        "请先看那一条，再决定是否提交；未写入任何内容。",
        "en": "Entry {at} of this household is about {fact} too; your copy ended at entry {yours}. "
        "Read that entry and send yours again; nothing was written.",
    },
    "book.closed": {
        "zh": "该户已于 {on} 关闭（{why}），不再接受新记录。"
        "如属误关，请先撤销关闭；未写入任何内容。",
        "en": "The household was closed on {on} ({why}) and takes no new entries. If that was a "
        "mistake, undo it first; nothing was written.",
    },
    "book.unknown_fact": {
        "zh": "规则书里没有{level}指标“{fact}”{suggestion_zh}。请改正名称；未写入任何内容。",
        "en": "The rulebook has no fact “{fact}” of a {level}{suggestion}. Mend the name; "
        "nothing was written.",
    },
    "book.bad_value": {
        "zh": "“{fact}”填写为 {found}，应为{expected_zh}。请改正；未写入任何内容。",
        "en": "{fact} is given as {found}; expected {expected}. Mend it; nothing was written.",
    },
    "book.no_such_person": {
        "zh": "本户没有编号为 {person} 的成员。请核对成员后重试；未写入任何内容。",
        "en": "The household has no member {person}. Check the member; nothing was written.",
    },
    "book.no_such_entry": {
        "zh": "本册没有第 {number} 条记录（共 {last} 条）。请核对编号；未写入任何内容。",
        "en": "The book has no entry {number}; it ends at {last}. Check the number; nothing was "
        "written.",
    },
    "book.undone_already": {
        "zh": "第 {number} 条已由第 {by} 条撤销。无需再次撤销；未写入任何内容。",
        "en": "Entry {number} was undone by entry {by} already. Nothing was written.",
    },
    "book.kept": {
        "zh": "{fact_zh}不能改成空白：请改成正确的，不要清空（不改就不要写这一项）。"
        "登记错了人或写错了记录，请用“人口变动”，或撤销那一条。未写入任何内容。",
        "en": "The {fact} cannot be emptied: correct it, or leave it out where nothing changes. "
        "For somebody registered or an entry written by mistake use the changes of people, or "
        "undo that entry. Nothing was written.",
    },
    "book.seen_long_ago": {
        "zh": "情况日期 {seen_on} 太早：程序最早可写 {earliest}（规则书 seen_days）。"
        "更早的台账请用表格导入。未写入任何内容。",
        "en": "Seen on {seen_on} is too long ago: a program may say {earliest} at the earliest "
        "(line seen_days of the rulebook). Import older registers as sheets. Nothing was written.",
    },
    "book.seen_too_early": {
        "zh": "发生日期 {seen_on} 早于 {earliest}，可能写错了年份。请改正；未写入任何内容。",
        "en": "The day {seen_on} is before {earliest}; the year may be mistyped. Mend it; nothing "
        "was written.",
    },
    "book.bad_shape": {
        "zh": "“{at}”处写的是 {found}，应为{expected}。请改正；未写入任何内容。",
        "en": "At “{at}” stands {found}; expected {expected}. Mend it; nothing was written.",
    },
    "book.bad_text": {
        "zh": "“{kind}”记录中有无法保存的内容：{found}。请改正；未写入任何内容。",
        "en": "The {kind} entry holds something that cannot be kept: {found}. Mend it; nothing "
        "was written.",
    },
    "book.bad_sealed": {
        "zh": "“{fact}”给出的密封值不完整。请重新填写该值；未写入任何内容。",
        "en": "The sealed value given for {fact} is not whole. Give the value itself; nothing was "
        "written.",
    },
    "book.too_long": {
        "zh": "“{kind}”记录有 {size} 字节，最多 {most}。请分开写，照片作为附件上传；"
        "未写入任何内容。",
        "en": "The {kind} entry has {size} bytes; at most {most} are taken. Write it in parts and "
        "send pictures as files; nothing was written.",
    },
    "book.id_taken": {
        "zh": "编号 {id} 已用于另一本册的记录。请用新编号重发；未写入任何内容。",
        "en": "The id {id} belongs to an entry of another book. Send it under a new one; nothing "
        "was written.",
    },
    "book.id_reused": {
        "zh": "编号 {id} 已用于内容不同的第 {number} 条记录。请用新编号重发；未写入任何内容。",
        "en": "The id {id} belongs to entry {number}, which says something else. Send it under a "
        "new one; nothing was written.",
    },
    "book.no_such_place": {
        "zh": "没有代码为 {place} 的地点。请核对区划代码；未写入任何内容。",
        "en": "No place has the code {place}. Check the code; nothing was written.",
    },
    "book.not_opened": {
        "zh": "该户在 {on} 还没有建册（或建册已撤销）。请先建户，或改正日期；未写入任何内容。",
        "en": "On {on} the household had not been registered, or its registration was undone. "
        "Register it first or mend the day; nothing was written.",
    },
    "book.opened_twice": {
        "zh": "该户已由第 {at} 条记录建册。同一户只建一次；未写入任何内容。",
        "en": "Entry {at} registered this household already. A household is registered once; "
        "nothing was written.",
    },
    "book.here_already": {
        "zh": "{on}，成员 {person} 已在本户。请核对成员和日期；未写入任何内容。",
        "en": "On {on} person {person} belongs to the household already. Check the person and the "
        "day; nothing was written.",
    },
    "book.not_here": {
        "zh": "{on}，成员 {person} 不在本户。请核对成员和日期；未写入任何内容。",
        "en": "On {on} person {person} does not belong to the household. Check the person and the "
        "day; nothing was written.",
    },
    "book.dead": {
        "zh": "成员 {person} 已于 {on} 登记死亡，不能再加入。如属误登，请先撤销；未写入任何内容。",
        "en": "Person {person} is said to have died on {on} and cannot join. If that was a "
        "mistake, undo it first; nothing was written.",
    },
    "book.not_closed": {
        "zh": "该户在 {on} 没有关闭，无需重新启用。未写入任何内容。",
        "en": "The household was not closed on {on}; there is nothing to reopen. Nothing was "
        "written.",
    },
    "book.not_decided": {
        "zh": "{on} 不能作出“{did}”的认定：此前没有它所需的认定。请核对顺序和日期；"
        "未写入任何内容。",
        "en": "On {on} “{did}” cannot be decided: the decision it follows from is missing. Check "
        "the order and the days; nothing was written.",
    },
    "book.later_depends": {
        "zh": "第 {by} 条记录依赖于此，改动后它就不成立。请先撤销第 {by} 条；未写入任何内容。",
        "en": "Entry {by} depends on this and could not stand any more. Undo entry {by} first; "
        "nothing was written.",
    },
    "book.by_ledger": {
        "zh": "第 {number} 条由台账根据事实写入，不能单独撤销。请改正事实；未写入任何内容。",
        "en": "Entry {number} was written by the ledger from the facts and is not undone by "
        "itself. Put the facts right; nothing was written.",
    },
    "book.batch_undone": {
        "zh": "“{name}”已全部撤销。无需再次撤销；未写入任何内容。",
        "en": "All of “{name}” was undone already. Nothing was written.",
    },
    # -- files of evidence ------------------------------------------------------------------------
    "file.empty": {
        "zh": "文件“{name}”是空的。请重新选择；未保存。",
        "en": "The file “{name}” is empty. Choose it again; it was not kept.",
    },
    "file.too_large": {
        "zh": "文件“{name}”超过 {most} MB。请压缩或分开上传；未保存。",
        "en": "The file “{name}” is larger than {most} MB. Make it smaller or send it in parts; it "
        "was not kept.",
    },
    "file.wrong_type": {
        "zh": "文件“{name}”不是照片（JPEG、PNG、WebP、HEIC）、PDF 或录音（WebM、Ogg、M4A）。"
        "请转换后上传；未保存。",
        "en": "The file “{name}” is no picture (JPEG, PNG, WebP, HEIC), no PDF and no "
        "recording (WebM, Ogg, M4A). Convert it and send it again; it was not kept.",
    },
    "file.missing": {
        "zh": "附件 {sha256}… 不在服务器上。请管理员运行 yihu audit，并从备份恢复。",
        "en": "The file {sha256}… is not on the server. Ask the administrator to run yihu audit "
        "and to restore it from a backup.",
    },
    "file.changed": {
        "zh": "附件 {sha256}… 的内容已不是当初保存的，因此不予显示。请管理员运行 yihu audit。",
        "en": "The file {sha256}… is not what was kept and is not shown. Ask the administrator to "
        "run yihu audit.",
    },
    # -- keys, backups, audit ---------------------------------------------------------------------
    "keys.missing": {
        "zh": "数据已加密，但密钥文件 {path} 不在。请放回密钥文件后重试；未写入任何内容。",
        "en": "Values are sealed, but the keys {path} are not here. Put the file back and try "
        "again; nothing was written.",
    },
    "backup.exists": {
        "zh": "{path} 已存在，不会覆盖。请换一个文件名；未写入任何内容。",
        "en": "{path} exists and is not overwritten. Choose another name; nothing was written.",
    },
    "backup.not_one": {
        "zh": "{path} 不是 yihu 的备份，或没有写完。请换一个备份文件；未改动任何内容。",
        "en": "{path} is no backup of yihu, or was not finished. Choose another file; nothing was "
        "changed.",
    },
    "backup.damaged": {
        "zh": "备份中的“{name}”已损坏（校验和不符）。请换另一份备份；未改动任何内容。",
        "en": "“{name}” in the backup is damaged: its sum is wrong. Take another backup; nothing "
        "was changed.",
    },
    "backup.not_empty": {
        "zh": "这里已有户册，不会覆盖。请用 YIHU_HOME 指定空的文件夹，"
        "或用 YIHU_DATABASE 指定空的数据库；未改动任何内容。",
        "en": "There are books here already, and they are not overwritten. Name an empty folder in "
        "YIHU_HOME or an empty database in YIHU_DATABASE; nothing was changed.",
    },
    "backup.other_database": {
        "zh": "备份来自 {found}，这里用的是 {here}。请改设 YIHU_DATABASE；未改动任何内容。",
        "en": "The backup is of {found}, and {here} is used here. Set YIHU_DATABASE; nothing was "
        "changed.",
    },
    "backup.no_move": {
        "zh": "这份备份搬不进 PostgreSQL：{why}。数据库仍是空的，备份未改动。",
        "en": "The backup does not go into PostgreSQL: {why}. The database is still empty, the "
        "backup as it was.",
    },
    "backup.other_keys": {
        "zh": "{path} 里已有另一套密钥，不会覆盖。请先把它移走；未改动任何内容。",
        "en": "{path} holds other keys already and is not overwritten. Move it away first; nothing "
        "was changed.",
    },
    "backup.no_program": {
        "zh": "找不到 {program}。请安装 PostgreSQL 客户端（postgresql-client）；未改动任何内容。",
        "en": "{program} was not found. Install the clients of PostgreSQL (postgresql-client); "
        "nothing was changed.",
    },
    "backup.program_failed": {
        "zh": "{program} 未完成：{why}。请按提示处理后重试；未改动任何内容。",
        "en": "{program} failed: {why}. Mend that and try again; nothing was changed.",
    },
    "audit.no_such_household": {
        "zh": "没有编号为“{found}”的户。请核对户编号；未做核查。",
        "en": "No household has the number “{found}”. Check the number; nothing was looked at.",
    },
    "anchor.not_one": {
        "zh": "{path} 不是存证文件，也不是带存证的备份。请换一个文件；未做核查。",
        "en": "{path} is no anchor, nor a backup that carries one. Choose another file; nothing "
        "was looked at.",
    },
    "anchor.edited": {
        "zh": "存证文件 {path} 被改动或损坏：内容与它自己的根值不符。"
        "请取另一处保存的同一份存证；未做核查。",
        "en": "The anchor {path} was changed or damaged: it is not what its own root says. Take "
        "the same anchor from another place; nothing was looked at.",
    },
    "anchor.none_here": {
        "zh": "{path} 里没有存证。请写出存证文件、备份或它们所在的文件夹；未做核查。",
        "en": "There is no anchor in {path}. Name an anchor, a backup, or the folder they lie in; "
        "nothing was looked at.",
    },
    "anchor.bad_root": {
        "zh": "“{found}”不是根值。应为纸上的 64 个数字与字母 a–f（至少前 {least} 个），"
        "空格不计；未做核查。",
        "en": "“{found}” is no root. Give the 64 figures and letters a–f from the paper, the first "
        "{least} at least; blanks do not count. Nothing was looked at.",
    },
    "anchor.no_such_root": {
        "zh": "这里没有根值为 {found} 的存证。请用 --against 给出那一份文件；未做核查。",
        "en": "No anchor here has the root {found}. Give its file with --against; nothing was "
        "looked at.",
    },
    "anchor.not_of_one": {
        "zh": "存证写的是全部户册，不能与 --household 同用。请去掉其中一个；未写入任何内容。",
        "en": "An anchor is of all books and cannot be written with --household. Leave one of them "
        "out; nothing was written.",
    },
    # -- card -------------------------------------------------------------------------------------
    "card.code_taken": {
        "zh": "户编号 {household} 已被使用。请核对是否为同一户，或换一个编号；未写入任何内容。",
        "en": "The household number {household} is in use. Is it the same household? If not, give "
        "another number; nothing was written.",
    },
    "card.person_elsewhere": {
        "zh": "成员 {person} 会同时在两户。请把该成员从原户转来，或一并撤销两户的记录；"
        "未写入任何内容。",
        "en": "Person {person} would stand in two households. Move the person from the one to the "
        "other, or undo both entries together; nothing was written.",
    },
    "card.person_nowhere": {
        "zh": "成员 {person} 已离开一户，却不在所去的那一户。请一并处理两户的记录；"
        "未写入任何内容。",
        "en": "Person {person} left one household and would not stand in the other. Deal with the "
        "entries of both together; nothing was written.",
    },
    "card.head_needed": {
        "zh": "户主离开后，本户还有成员，需要指定新户主。请选择一人；未写入任何内容。",
        "en": "The head leaves and others stay: name the new head among them. Nothing was written.",
    },
    "card.not_of_household": {
        "zh": "成员 {person} 现在不在本户。请核对成员；未写入任何内容。",
        "en": "Person {person} does not belong to the household now. Check the person; nothing was "
        "written.",
    },
    "card.nobody": {
        "zh": "没有选择成员，或选择了全部成员（全部迁走请用合户或迁移）。请重新选择；"
        "未写入任何内容。",
        "en": "Nobody was chosen, or everybody: for all of a household, merge or move it. Choose "
        "again; nothing was written.",
    },
    "card.same": {
        "zh": "两边是同一户或同一人。请重新选择；未写入任何内容。",
        "en": "Both are the same household or person. Choose again; nothing was written.",
    },
    # -- visit ------------------------------------------------------------------------------------
    "signs.asked": {
        "zh": "这件事已经有人问过或了结。请到“提问和答复”里看；未写入任何内容。",
        "en": "This was asked or closed already. Look under “Question and answer”; nothing was "
        "written.",
    },
    # -- ledger -----------------------------------------------------------------------------------
    "ledger.only_evidence": {
        "zh": "“{rule}”的问题只能由新的事实清零，不能用文字关闭。"
        "请把核实到的事实写入户册；未写入任何内容。",
        "en": "A gap of rule “{rule}” is cleared by facts only, never by words. Write what was "
        "found into the book; nothing was written.",
    },
    "ledger.own_waiver": {
        "zh": "责任人或提出人不能批准自己的豁免。请由他人批准；未写入任何内容。",
        "en": "Nobody waives a gap he is responsible for. Let somebody else decide; nothing was "
        "written.",
    },
    "ledger.own_clearing": {
        "zh": "责任人不能给自己的问题销号。请由他人核实证据后销号；未写入任何内容。",
        "en": "Nobody clears a gap he is responsible for. Let somebody else look at the evidence; "
        "nothing was written.",
    },
    "ledger.own_finding": {
        "zh": "反映问题的人在分派给别人之前不能自己销号。请先分派或由他人销号；未写入任何内容。",
        "en": "Who raised a gap does not clear it before it was given to somebody else. Assign it, "
        "or let somebody else look at the evidence; nothing was written.",
    },
    "ledger.no_evidence": {
        "zh": "销号需要写明证据（材料名称、照片或文号）。请补上证据；未写入任何内容。",
        "en": "A gap is cleared on evidence: name the paper, the photo or the number. "
        "Nothing was written.",
    },
    "ledger.no_reason": {
        "zh": "请写明情况（至少 {least} 个字，标点不算）。未写入任何内容。",
        "en": "Say what is the case, in {least} letters or figures at least. Nothing was written.",
    },
    "ledger.no_title": {
        "zh": "请写明是什么问题。未写入任何内容。",
        "en": "Say what the problem is. Nothing was written.",
    },
    "ledger.title_too_long": {
        "zh": "问题写了 {found} 个字，最多 {most} 个字。请写短些，其余写在整改措施或走访记录里；"
        "未写入任何内容。",
        "en": "The problem has {found} characters; {most} at most are kept. Say it in fewer and "
        "put the rest under what is to be done; nothing was written.",
    },
    "ledger.waived_too_long": {
        "zh": "豁免到 {day} 太久：最晚到 {latest}，到期再看是否还要豁免。未写入任何内容。",
        "en": "A waiver until {day} is too long: {latest} is the last day, and then it is "
        "looked at again. Nothing was written.",
    },
    "ledger.due_gone": {
        "zh": "日期 {day} 应晚于今天（{today}）。请改正日期；未写入任何内容。",
        "en": "The day {day} should lie after today ({today}). Mend the day; nothing was written.",
    },
    "ledger.due_out_of_reach": {
        "zh": "期限填的是 {day}；应在今天（{today}）到 {latest} 之间。请改正日期；未写入任何内容。",
        "en": "The deadline given is {day}; expected is a day from today ({today}) to {latest}. "
        "Mend the day; nothing was written.",
    },
    "ledger.no_due": {
        "zh": "没有填期限。请填写今天到 {latest} 之间的一天；未写入任何内容。",
        "en": "No deadline was given. Give a day from today to {latest}; nothing was written.",
    },
    "ledger.due_no_reason": {
        "zh": "{count} 条已有期限（如 {was}），改为 {day} 要写明理由"
        "（至少 {least} 个字，标点不算）。未写入任何内容。",
        "en": "{count} of the gaps have a deadline already (such as {was}); moving it to {day} "
        "needs a reason of {least} letters or figures at least. Nothing was written.",
    },
    "ledger.bad_list": {
        "zh": "{path} 无法读取（{at}）：{why}。请按 docs/ledger.md 改正；未写入任何内容。",
        "en": "{path} cannot be read ({at}): {why}. Mend it as docs/ledger.md says; nothing was "
        "written.",
    },
    "ledger.not_his": {
        "zh": "所选问题中有 {count} 条不在{name}的岗位或结对范围内，分派了也看不到。"
        "请选择管这些村、户的人员；未写入任何内容。",
        "en": "{count} of the gaps lie outside the posts and pairings of {name}, who would not see "
        "them. Choose somebody of these villages or families; nothing was written.",
    },
    "ledger.nobody_named": {
        "zh": "没有选责任人。请从列表中选择一人，再分派；未写入任何内容。",
        "en": "Nobody was chosen. Choose who is responsible from the list, then assign; nothing "
        "was written.",
    },
    "ledger.no_such_worker": {
        "zh": "没有找到“{found}”，或不在您的范围内。请从列表中选择人员；未写入任何内容。",
        "en": "Nobody called {found} works in your places. Choose from the list; "
        "nothing was written.",
    },
    "ledger.nothing_chosen": {
        "zh": "没有选择任何问题，或所选问题不在您的范围内。请先勾选；未写入任何内容。",
        "en": "No gap was chosen, or none that you reach. Choose some first; nothing was written.",
    },
    "ledger.too_many": {
        "zh": "选中 {count} 条，一次最多 {most} 条。请缩小筛选范围；未写入任何内容。",
        "en": "{count} gaps were chosen; at most {most} at once. Narrow the list; nothing was "
        "written.",
    },
    "ledger.bad_filter": {
        "zh": "筛选条件“{name}”的值 {found} 无法识别。请从列表中选择。",
        "en": "The filter {name} = {found} is not understood. Choose from the list.",
    },
    "ledger.no_such_day": {
        "zh": "{what_zh}写的是“{found}”，不是日期。应如 2020-10-17；未写入任何内容。",
        "en": "{what} is “{found}”, which is no day. Write it like 2020-10-17; nothing was "
        "written.",
    },
    "ledger.no_file": {
        "zh": "没有选择文件。请选择照片或扫描件后再上传；未写入任何内容。",
        "en": "No file was chosen. Choose a photo or a scan; nothing was written.",
    },
    "ledger.no_such_department": {
        "zh": "没有部门“{found}”。请从列表中选择；未写入任何内容。",
        "en": "No department is called “{found}”. Choose one of the list; nothing was written.",
    },
    "ledger.only_settlement": {
        "zh": "部门比对的差异要先核定以哪个值为准，核定后自动销号。请在本页或“部门比对”里核定；"
        "未写入任何内容。",
        "en": "A difference between departments is cleared by settling it. Settle it on this page "
        "or under “compare”; nothing was written.",
    },
    "ledger.not_in_state": {
        "zh": "该问题现在的状态是“{state}”，不能“{did}”。请刷新后重试；未写入任何内容。",
        "en": "The gap is {state} now, and “{did}” is no longer possible. Load the page again; "
        "nothing was written.",
    },
    # -- exchange: taking in ----------------------------------------------------------------------
    "exchange.wrong_kind": {
        "zh": "“{file}”不是可以导入的表格（应为 {endings}，且内容与后缀相符）。"
        "请用表格软件另存后重传；未写入任何内容。",
        "en": "“{file}” is no sheet that can be taken in: expected one of {endings}, with the "
        "content its name promises. Save it again from a spreadsheet; nothing was written.",
    },
    "exchange.too_large": {
        "zh": "“{file}”超过 {most} MB。请按乡镇拆成几个文件；未写入任何内容。",
        "en": "“{file}” is larger than {most} MB. Split it, by township perhaps; nothing was "
        "written.",
    },
    "exchange.nothing_in_it": {
        "zh": "“{file}”是空文件。请核对后重传；未写入任何内容。",
        "en": "“{file}” is empty. Check it and send it again; nothing was written.",
    },
    "exchange.no_file": {
        "zh": "没有选择文件。请选择一个表格再上传；未写入任何内容。",
        "en": "No file was chosen. Choose a sheet and send it; nothing was written.",
    },
    "exchange.file_gone": {
        "zh": "“{file}”的原件已不在服务器上。请重新上传；未写入任何内容。",
        "en": "The file “{file}” is no longer kept here. Send it again; nothing was written.",
    },
    "exchange.not_submissions": {
        "zh": "{file} 读不出表单提交：{why}。请从 Kobo 或 ODK Central 重新导出 "
        "JSON、CSV（可打包成 zip）或提交的 XML。未写入任何内容。",
        "en": "{file} cannot be read as submissions: {why}. Export JSON, CSV (zipped or not) or "
        "the submissions' XML from Kobo or ODK Central again. Nothing was written.",
    },
    "exchange.no_household_named": {
        "zh": "没有一个问题对应户编号或证件号码，或没有提交编号一列。请指明哪个问题说明是哪一户。"
        "未写入任何内容。",
        "en": "No question is the household number or an identity number, or no column is the id "
        "of the submission. Say which question tells the household. Nothing was written.",
    },
    "exchange.no_submission": {
        "zh": "这条提交没有编号（instanceID、_uuid），无法避免重复写入。请从服务器重新导出。",
        "en": "This submission has no id (instanceID, _uuid), so it could be written twice. Export "
        "it from the server again.",
    },
    "exchange.submission_twice": {
        "zh": "同一条提交在第 {first} 行已有。请只保留一份。",
        "en": "The same submission stands in row {first} already. Keep one of them.",
    },
    "exchange.submission_day": {
        "zh": "走访日期“{found}”读不出，或在今天（{today}）之后。请写成 2020-10-17。",
        "en": "The day of the visit “{found}” cannot be read, or is after today ({today}). Write "
        "it like 2020-10-17.",
    },
    "exchange.submission_rejected": {
        "zh": "这条提交在表单服务器上审核为“{found}”。请先在那里审核通过。",
        "en": "This submission was reviewed as “{found}” on the form's server. Approve it there "
        "first.",
    },
    "exchange.submission_refused": {
        "zh": "同一次走访的另一行被退回；一次走访要么全收，要么全退。",
        "en": "Another row of the same visit is refused; a visit is taken whole or not at all.",
    },
    "exchange.submission_elsewhere": {
        "zh": "这条提交已写进另一户的册。如写错了户，请先撤销那次导入。",
        "en": "This submission stands in the book of another household. If that was the wrong one, "
        "undo that import first.",
    },
    "exchange.submission_position": {
        "zh": "“{found}”不是位置（纬度 经度 高程 误差）。请改正，或不要对应这一列。",
        "en": "“{found}” is no position (latitude longitude height accuracy). Mend it, or leave "
        "the column out.",
    },
    "exchange.no_headings": {
        "zh": "“{file}”里没有找到表头（最接近的工作表“{sheet}”读到：{found}）。"
        "应有 {expected} 等列。请核对是不是这张表；未写入任何内容。",
        "en": "“{file}” has no headings that are known; its nearest sheet “{sheet}” reads: "
        "{found}. Expected columns such as {expected}. Is it the right sheet? Nothing was written.",
    },
    "exchange.no_people": {
        "zh": "没有一列能认出是谁。请至少把一列对应到姓名、证件号码、人编号或户编号；"
        "未写入任何内容。",
        "en": "No column says who is meant. Map one to the name, the identity number, 人编号 or "
        "户编号; nothing was written.",
    },
    "exchange.mapped_twice": {
        "zh": "“{first}”和“{second}”对应到了同一个指标。请改正其中一列；未写入任何内容。",
        "en": "“{first}” and “{second}” are mapped to the same fact. Change one of them; nothing "
        "was written.",
    },
    "exchange.no_such_sheet": {
        "zh": "这个文件里没有工作表“{found}”。可选：{known}。未写入任何内容。",
        "en": "The workbook has no sheet “{found}”. It has {known}. Nothing was written.",
    },
    "exchange.no_such_target": {
        "zh": "“{heading}”一列：没有指标“{found}”{like_zh}。请从列表中选择；未写入任何内容。",
        "en": "Column “{heading}”: no fact is called “{found}”{like}. Choose one of the list; "
        "nothing was written.",
    },
    "exchange.not_in_state": {
        "zh": "这个文件现在不能这样处理（状态：{state}）。请刷新页面；未写入任何内容。",
        "en": "This cannot be done with the file now (it is {state}). Load the page again; "
        "nothing was written.",
    },
    "exchange.changed_since": {
        "zh": "试算之后户册有了变化，现在写入会与您看到的不同。请重新试算后再写入；"
        "未写入任何内容。",
        "en": "The books have changed since the dry run; what would be written is no longer what "
        "you saw. Do the dry run again; nothing was written.",
    },
    "exchange.list_changed": {
        "zh": "预演之后户册或以前的核定有了变化，结果会与您看到的不同。请重新预演后再确认；"
        "未写入任何内容。",
        "en": "The books, or what was settled, have changed since the dry run; the result would "
        "not be what you saw. Do the dry run again and confirm that; nothing was written.",
    },
    "exchange.nothing_to_undo": {
        "zh": "这次导入没有可撤销的：已全部撤销，或其后都有人写入（{kept} 户保留）。"
        "请到各户户册里逐条处理；未写入任何内容。",
        "en": "Nothing of this import can be undone: all of it is, or others wrote since ({kept} "
        "households are left whole). Look at their books one by one; nothing was written.",
    },
    "exchange.interrupted": {
        "zh": "处理“{file}”时中断了。原件还在，请点“重新试算”；已写入的部分见批次说明。",
        "en": "Work on “{file}” was cut off. The file is still kept: do the dry run again; what "
        "was written before stands in its batch.",
    },
    "exchange.no_reason": {
        "zh": "请写明理由（至少 {least} 个字，标点不算）。未写入任何内容。",
        "en": "Say why, in {least} letters or figures at least. Nothing was written.",
    },
    "exchange.pair_decided": {
        "zh": "这一对已经认定过，或者还没有认定。请刷新页面；未写入任何内容。",
        "en": "This pair is decided already, or not yet. Load the page again; nothing was written.",
    },
    "exchange.which_stays": {
        "zh": "请选定保留哪一个人。未写入任何内容。",
        "en": "Say which of the two stays. Nothing was written.",
    },
    "exchange.list_long_ago": {
        "zh": "名单的数据日期 {found} 太早：最早可写 {earliest}（规则书 seen_days），因为名单要与"
        "现在的户册对照。请核对日期；更早的台账请在“导入”里上传。未写入任何内容。",
        "en": "The list's data is of {found}, too long ago: {earliest} at the earliest (line "
        "seen_days of the rulebook), for it is held beside the books of today. Check the day; send "
        "older registers as imports. Nothing was written.",
    },
    "exchange.too_many_columns": {
        "zh": "{file} 有 {columns} 列，最多 {most} 列：每一列都要核对是什么。请只留需要的列再上传；"
        "未写入任何内容。",
        "en": "{file} has {columns} columns, {most} at most: what each of them is has to be looked "
        "at. Leave only those that are needed and send it again; nothing was written.",
    },
    "exchange.which_value": {
        "zh": "请选定以哪一个值为准；册里没有值的，不能选“以户册为准”。未写入任何内容。",
        "en": "Say which value holds; where the book has none, its value cannot be chosen. "
        "Nothing was written.",
    },
    "exchange.typed": {
        "zh": "填写的值不能用：{why_zh}。请改正；未写入任何内容。",
        "en": "The value typed cannot be used: {why}. Mend it; nothing was written.",
    },
    "exchange.none_chosen": {
        "zh": "没有选中任何一条。请先勾选要核定的差异；未写入任何内容。",
        "en": "No difference was chosen. Tick those to settle; nothing was written.",
    },
    "exchange.settled_already": {
        "zh": "这条差异已经处理过，或者户册里的值已经变了。请刷新页面；未写入任何内容。",
        "en": "This difference is settled, or the value in the book has moved. Load the page "
        "again; nothing was written.",
    },
    "exchange.own_list": {
        "zh": "这份名单是您自己导入的，不能由您核定“以部门为准”或另填其值。"
        "请由乡镇、县专班或本部门另一人核定；未写入任何内容。",
        "en": "You sent this list yourself, so that its value holds is not yours to decide. Let "
        "the township, the county office or a colleague settle it; nothing was written.",
    },
    "exchange.no_department": {
        "zh": "请说明这份名单来自哪个部门。未写入任何内容。",
        "en": "Say which department the list comes from. Nothing was written.",
    },
    "desk.no_sign": {
        "zh": "地址或填写的内容里有无法保存的字符（NUL）。请删去后重试；未写入任何内容。",
        "en": "There is a sign in the address or the form that cannot be kept (NUL). Take it out; "
        "nothing was written.",
    },
    "desk.too_large": {
        "zh": "发送的内容超过 {most} MB。请减少文件或分几次发送；未写入任何内容。",
        "en": "More than {most} MB was sent at once. Send fewer files, or one after the other; "
        "nothing was written.",
    },
    "desk.only_sent": {
        "zh": "这个地址只接收表单，不能直接打开；未写入任何内容。请从它所在的页面进入。",
        "en": "This address takes a form that is sent and shows no page; nothing was written. Go "
        "there from the page its form is on.",
    },
    "desk.no_such_day": {
        "zh": "“{found}”不是日期。请写成 2020-10-17 这样的日期。",
        "en": "“{found}” is no day. Write it like 2020-10-17.",
    },
    # -- check ------------------------------------------------------------------------------------
    "check.no_such_line": {
        "zh": "{on} 没有可以试算的标准线“{line}”（须有唯一的数值）。请从列表中选择。",
        "en": "On {on} no line “{line}” can be tried out: it must have one value. Choose one of "
        "the list.",
    },
    "check.no_such_value": {
        "zh": "“{found}”不是标准线的数值。请填写不小于 0 的数。",
        "en": "“{found}” is no value of a line. Give a number, not below 0.",
    },
    "check.value_too_large": {
        "zh": "标准线试填的是 {found}；最大可填 {most}。请核对单位（{unit}）和位数；未作试算。",
        "en": "The line was to be {found}; {most} is the most that is tried. Look at the unit "
        "({unit}) and the figures; nothing was tried.",
    },
    # -- exchange: giving out ---------------------------------------------------------------------
    "exchange.no_such_list": {
        "zh": "没有名单“{found}”。可选：{known}。未导出任何内容。",
        "en": "There is no list “{found}”. Known: {known}. Nothing was given out.",
    },
    "exchange.no_mapping": {
        "zh": "没有说明哪一格填什么。请至少对应一个单元格或一列；未填写任何内容。",
        "en": "Nothing says what stands in which cell. Map one cell or column at least; nothing "
        "was filled.",
    },
    "exchange.form_not_xlsx": {
        "zh": "“{file}”不是能填写的 xlsx 表样。请用表格软件另存为 xlsx（不加密）后重传；"
        "未写入任何内容。",
        "en": "“{file}” is no xlsx form that can be filled. Save it as xlsx, without a password, "
        "and send it again; nothing was written.",
    },
    "exchange.form_name_taken": {
        "zh": "您已有名为“{name}”的表样。请换一个名称；未写入任何内容。",
        "en": "You have a form called “{name}” already. Choose another name; nothing was written.",
    },
    "exchange.form_too_many": {
        "zh": "选了 {count} 户，一次最多填 {most} 户。请缩小范围；未填写任何内容。",
        "en": "{count} households are chosen; at most {most} are filled at once. Narrow the "
        "choice; nothing was filled.",
    },
    "exchange.form_full": {
        "zh": "表里从第 {first} 行起只有 {room} 行空行，需要 {needed} 行："
        "第 {row} 行已有内容（“{says}”）。请在第 {row} 行上方插入 {more} 行空行"
        "（或删去示例文字）后，重新上传表样；未生成文件。",
        "en": "From row {first} the form has {room} blank rows and needs {needed}: row {row} says "
        "“{says}”. Insert {more} blank rows above row {row} – or take its example away – and send "
        "the form again; no file was made.",
    },
    "exchange.form_nobody": {
        "zh": "您的范围内没有符合条件的户（{codes}）。请核对后重选；未填写任何内容。",
        "en": "No household where you work fits ({codes}). Choose again; nothing was filled.",
    },
    "exchange.no_such_paper": {
        "zh": "没有“{found}”这种纸件。可选：{known}。未打印任何内容。",
        "en": "There is no paper “{found}”. Known: {known}. Nothing was printed.",
    },
    "exchange.no_such_format": {
        "zh": "不能导出为“{found}”。可选：{known}。未导出任何内容。",
        "en": "A list is not given out as “{found}”. Known: {known}. Nothing was given out.",
    },
    # reasons beside the cells of a sheet
    "exchange.cell.formula": {
        "zh": "“{found}”以公式符号开头。请改成普通文字",
        "en": "“{found}” begins like a formula; write plain text",
    },
    "exchange.cell.formula_unreckoned": {
        "zh": "公式还没有算出值（{found}）。请用表格软件打开这份表，保存后再上传",
        "en": "a formula nobody has reckoned ({found}); open the workbook in a spreadsheet, save "
        "it, and send it again",
    },
    "exchange.cell.formula_error": {
        "zh": "公式出错（{found}）。请改正公式或填写数值",
        "en": "a formula that fails ({found}); mend it or write the value",
    },
    "exchange.cell.too_long": {
        "zh": "有 {size} 个字，最多 {most} 个字。请核对是否粘错了内容，或缩短",
        "en": "it has {size} signs, at most {most} are taken; look whether the wrong text was "
        "pasted, or shorten it",
    },
    "exchange.cell.identity": {
        "zh": "“{found}”（{size} 位）不是身份证号：应为 18 位（末位是校验码）或旧的 15 位，"
        "残疾人证为 20 或 22 位。请按证件改正；护照等请在“证件类型”列写明，没有号码的留空",
        "en": "“{found}” ({size} signs) is no identity number: it has 18, the last a check figure, "
        "or 15 of old; a disability card has 20 or 22. Take it from the document; name a passport "
        "in the column of kinds of documents, and leave blank what there is not",
    },
    "exchange.unknown_household": {
        "zh": "您的范围内没有这一户（户编号 {name}）",
        "en": "no such household where you work (户编号 {name})",
    },
    "exchange.nobody": {
        "zh": "您的范围内没有查到此人（按证件号码，或按户编号和姓名）",
        "en": "nobody like this where you work, by identity number or by household and name",
    },
    "exchange.no_village": {
        "zh": "找不到行政村“{name}”（或有重名）。新建户要写明乡镇和行政村",
        "en": "no village “{name}”, or more than one; a new household needs township and village",
    },
    "exchange.no_head": {
        "zh": "新建户没有户主行（与户主关系 = 户主）",
        "en": "a new household without the row of its head",
    },
    "exchange.head_refused": {
        "zh": "户主行被退回，本户其他行随之退回",
        "en": "the row of the head is refused, and with it the rows of the household",
    },
    "exchange.settled_before": {
        "zh": "{on} 已核定，这个值不成立（{why}）",
        "en": "settled on {on}: this value does not hold ({why})",
    },
    "exchange.says_otherwise": {
        "zh": "第 {first} 行也说到此人或此户，说法不同；按第 {first} 行比对",
        "en": "row {first} is about the same person or household and says otherwise; row {first} "
        "was compared",
    },
    "exchange.cell.form": {
        "zh": "“{found}”不合格式，应为{forms_zh}",
        "en": "“{found}” has another form than expected: {forms_en}",
    },
    "exchange.no_name": {
        "zh": "姓名是空的，也没有能对上的证件号码或人编号；请填写姓名",
        "en": "the name is blank, and no identity number or 人编号 of the row is known; write the "
        "name",
    },
    "exchange.home_closed": {
        "zh": "该户（{code}）已于 {on} 关闭",
        "en": "the household {code} was closed on {on}",
    },
    "exchange.lives_elsewhere": {
        "zh": "此证件号码的人登记在另一户（{code}）。请先在户页面办理迁移",
        "en": "the person with this number is registered in household {code}; move him there first",
    },
    "exchange.twice_in_file": {
        "zh": "与第 {first} 行是同一个人",
        "en": "the same person as in row {first}",
    },
    "exchange.two_people": {
        "zh": "人编号是本户{name}的，证件号码是另一人的",
        "en": "人编号 is that of {name} of this household, the identity number is another's",
    },
    "exchange.two_values": {
        "zh": "同一户前面的行写的是“{other}”，这里是“{found}”",
        "en": "“{found}” here, “{other}” in a row of the same household above",
    },
    # -- pages of households ----------------------------------------------------------------------
    "search.unread": {
        "zh": "看不懂条件“{found}”。请写成“指标 比较 值”，"
        "如“人均纯收入 < 6000”或“饮水安全 = 不成立”。未改动任何内容。",
        "en": "The condition “{found}” could not be read. Write a fact, a comparison and a value, "
        "like “net income per person < 6000”, or a rule and its answer, like “… = fails”. Nothing "
        "was changed.",
    },
    "search.no_such_name": {
        "zh": "没有名为“{found}”的指标或规则{suggestion_zh}。未改动任何内容。",
        "en": "No fact or rule is called “{found}”{suggestion}. Nothing was changed.",
    },
    "search.only_equal": {
        "zh": "“{fact_zh}”只能用“=”比较。未改动任何内容。",
        "en": "“{fact}” can only be compared with “=”. Nothing was changed.",
    },
    "household.why_undone": {
        "zh": "没有写为什么撤销第 {number} 条。请写明原因（至少 {least} 个字，标点不算）；"
        "未写入任何内容。",
        "en": "It was not said why entry {number} is undone. Say why, in {least} letters or "
        "figures at least; nothing was written.",
    },
    "household.no_identity": {
        "zh": "{fact_zh}“{found}”（{size} 位）不对：身份证为 18 位、末位是校验码（旧证 15 位），"
        "残疾人证为 20 或 22 位。请对照证件重填；护照等请先改“证件类型”。未写入任何内容。",
        "en": "The {fact} “{found}” ({size} signs) cannot be right: an identity card has 18, the "
        "last a check figure (of old 15), a disability card 20 or 22. Take it from the document; "
        "of a passport set the kind of document first. Nothing was written.",
    },
    "household.nothing_written": {
        "zh": "没有填写任何内容。请至少填一项再保存。",
        "en": "Nothing was filled in. Fill in one field at least, then save.",
    },
    "household.not_asked": {
        "zh": "“{fact_zh}”现在不问：{when_zh}时才问。请先改正那一项，或把这里清空；"
        "您填的还在，未写入任何内容。",
        "en": "“{fact}” is not asked: only if {when}. Put that right first, or leave this empty; "
        "what you typed is still there, and nothing was written.",
    },
    "desk.reason_too_long": {
        "zh": "写了 {found} 个字符，最多 {most} 个。请写得短一些；未写入任何内容。",
        "en": "It has {found} signs, {most} at most. Make it shorter; nothing was written.",
    },
    "desk.day_ahead": {
        "zh": "要看的日子是 {found}，晚于今天（{today}）：以后的情况还没有人知道。"
        "请给出今天或以前的日子；未写入任何内容。",
        "en": "The day asked for is {found}, after today ({today}): nobody knows yet what holds "
        "then. Give today or a day before; nothing was written.",
    },
    "household.no_day": {
        "zh": "“{found}”不是日期，应如 2020-10-17。未写入任何内容。",
        "en": "“{found}” is not a day like 2020-10-17. Nothing was written.",
    },
    "household.no_why": {
        "zh": "请写明理由（至少 {least} 个字，标点不算）。未写入任何内容。",
        "en": "Say why, in {least} letters or figures at least. Nothing was written.",
    },
    "household.no_such": {
        "zh": "“{found}”：没有这个户编号，或不在您的范围内。请核对户编号；未写入任何内容。",
        "en": "“{found}” is no household's number, or out of your reach. Look at the number again; "
        "nothing was written.",
    },
    "household.no_such_place": {
        "zh": "“{found}”：没有叫这个名字的村或屯，或不止一个，或不在您的范围内。"
        "请从列表里选一个，或写它的代码；未写入任何内容。",
        "en": "“{found}” is no village or hamlet in your reach, or more than one is called so. "
        "Choose one of the list, or give its code; nothing was written.",
    },
    "household.no_such_change": {
        "zh": "没有选择要做的变更。请从页面上的各项中选一项；未写入任何内容。",
        "en": "No change was chosen. Choose one of those on the page; nothing was written.",
    },
    "household.gone": {
        "zh": "{household} 已经销户。请核对户编号，或先恢复那一户；未写入任何内容。",
        "en": "Household {household} is closed. Check the number, or open it again first; nothing "
        "was written.",
    },
    "household.not_lived_in": {
        "zh": "农户住在村或屯里，“{place}”不是。请选村或屯；未写入任何内容。",
        "en": "Households live in villages and hamlets; “{place}” is neither. Choose one; nothing "
        "was written.",
    },
    "household.same_twice": {
        "zh": "有两个人被认作同一个人。每人只能对应一人；未写入任何内容。",
        "en": "Two people were said to be the same one. Each can be one person only; nothing was "
        "written.",
    },
    "household.no_such_person": {
        "zh": "这一户没有这个人。请刷新后再试；未写入任何内容。",
        "en": "Nobody of this household is meant. Load the page again; nothing was written.",
    },
    # -- notices ----------------------------------------------------------------------------------
    "notice.no_title": {
        "zh": "通知要有标题和正文。请补上；尚未发出。",
        "en": "A notice needs a title and words. Add them; nothing was sent.",
    },
    "notice.too_long": {
        "zh": "标题 {title} 字、正文 {words} 字：标题和地点至多 120 字，正文至多 {most} 字。"
        "请缩短；尚未发出。",
        "en": "The title has {title} signs, the words {words}: a title or place has 120 at most, "
        "words {most}. Shorten them; nothing was sent.",
    },
    "notice.too_far": {
        "zh": "开会日期 {found} 离今天（{today}）超过一年，年份可能写错。请改正；尚未发出。",
        "en": "The meeting on {found} is more than a year from today ({today}); the year may be "
        "mistyped. Mend it; nothing was sent.",
    },
    "notice.long_reason": {
        "zh": "原因有 {found} 字，至多 {most} 字。请缩短；未记录。",
        "en": "The reason has {found} signs, {most} at most. Shorten it; nothing was noted.",
    },
    "notice.withdrawn": {
        "zh": "这条通知已撤回（{why}），不再答复，也不能再撤回；未作改动。",
        "en": "This notice was withdrawn ({why}): nobody answers it or withdraws it again; nothing "
        "changed.",
    },
    "notice.no_why": {
        "zh": "请写明为什么撤回；未撤回。",
        "en": "Say why it is withdrawn; it was not.",
    },
    "notice.no_such_audience": {
        "zh": "没有“{found}”这种接收人。可选：{known}。尚未发出。",
        "en": "There is no audience “{found}”. Known: {known}. Nothing was sent.",
    },
    "notice.no_where": {
        "zh": "会议要同时写明时间和地点；不是会议则两项都不填。请补上；尚未发出。",
        "en": "A meeting needs its day and hour and its place; a notice that is none has neither. "
        "Add what is missing; nothing was sent.",
    },
    "notice.over": {
        "zh": "开会时间或最后显示日期已过（今天是 {now}）。请改正；尚未发出。",
        "en": "The meeting or the last day lies in the past (today is {now}). Mend it; nothing was "
        "sent.",
    },
    "notice.bad_moment": {
        "zh": "“{found}”不是日期时间。请写成 2020-10-17T09:00；尚未发出。",
        "en": "“{found}” is no day and hour. Write 2020-10-17T09:00; nothing was sent.",
    },
    "notice.no_meeting": {
        "zh": "“{title}”不是会议，不用答复是否到会。未写入任何内容。",
        "en": "“{title}” is no meeting; nobody is asked to come. Nothing was written.",
    },
    "notice.met_already": {
        "zh": "会议已经开始，不能再改答复。请向召集人说明；未写入任何内容。",
        "en": "The meeting has begun; answers change no more. Tell who called it. Nothing was "
        "written.",
    },
    "notice.not_met": {
        "zh": "会议还没有开始，不能登记到会。请会后再登记；未写入任何内容。",
        "en": "The meeting has not begun, so nobody has come yet. Note it afterwards; nothing was "
        "written.",
    },
    "notice.no_reason": {
        "zh": "不能到会请写明原因。未写入任何内容。",
        "en": "Say why you cannot come. Nothing was written.",
    },
    "notice.nobody_chosen": {
        "zh": "没有选中任何人。请勾选，或选“名单上全部”；未写入任何内容。",
        "en": "Nobody was chosen. Tick people, or take all of the list; nothing was written.",
    },
    # -- visits -----------------------------------------------------------------------------------
    "visit.nothing": {
        "zh": "还没有记下任何内容：没有答案、文字、帮扶或照片。请填一项；未写入任何内容。",
        "en": "Nothing is noted yet: no answer, words, help or photo. Note something; nothing was "
        "written.",
    },
    "visit.written_already": {
        "zh": "这张表已经写入（第 {number} 条），现在的内容与那次不同。"
        "要另记一次走访，请再按一次写入；要改那一条，请到册里撤销。未写入任何内容。",
        "en": "This form was written already, as entry {number}, with other content. Press again "
        "to note another visit, or undo that entry in the book; nothing was written.",
    },
    "visit.words_too_long": {
        "zh": "{what_zh}写了 {found} 个字符，最多 {most} 个。请写短些，或写在“看到什么、说了什么”"
        "里；未写入任何内容。",
        "en": "Of {what} there are {found} signs, {most} at most. Make it shorter, or write it "
        "with what was seen and said; nothing was written.",
    },
    "visit.too_long": {
        "zh": "走访记录有 {found} 字，至多 {most} 字。请缩短或分两次记；未写入任何内容。",
        "en": "The words have {found} signs, {most} at most. Shorten them or note two visits; "
        "nothing was written.",
    },
    "visit.help": {
        "zh": "第 {n} 项帮扶：要选帮扶类别，金额“{found}”要是 0 到 1 千万之间的数（元），可不填。"
        "请改正；未写入任何内容。",
        "en": "Help {n}: choose its kind; the amount “{found}” is a number of yuan from 0 to ten "
        "million, or empty. Mend it; nothing was written.",
    },
    "visit.too_many_photos": {
        "zh": "一次走访至多 {most} 张照片，这里有 {found} 张。请减少；未写入任何内容。",
        "en": "A visit has {most} photos at most, here are {found}. Take some away; nothing was "
        "written.",
    },
    "visit.plan_day": {
        "zh": "计划走访日 {found} 要在今天（{today}）起一年之内。请改正；计划未改动。",
        "en": "A visit is planned for today ({today}) or a day within a year, not {found}. Mend "
        "the day; the plan is as it was.",
    },
    "visit.too_many": {
        "zh": "名单有 {found} 户，一份文件至多 {most} 户。请按乡镇或村筛选后再导出；未导出。",
        "en": "The list has {found} families; a file has {most} at most. Narrow it to a township "
        "or village; nothing was given out.",
    },
    "visit.bad_day": {
        "zh": "“{found}”不是日期。请写成 2020-10-17；计划未改动。",
        "en": "“{found}” is no day. Write 2020-10-17; the plan is as it was.",
    },
    # -- phones ------------------------------------------------------------------------------------
    "sync.bad_shape": {
        "zh": "这条记录的“{at}”是 {found}，应为 {expected}。记录已另外保存，未写入户册；"
        "请更新手机应用后联系乡镇。",
        "en": "“{at}” of this entry is {found}; {expected} was expected. It is kept aside and in "
        "no book; renew the app, then ask the township.",
    },
    "sync.id_reused": {
        "zh": "编号 {id} 已用于内容不同的另一条记录。这一条已另外保存，未写入户册；请重新填写。",
        "en": "The id {id} belongs to an entry of other content. This one is kept aside and in no "
        "book; write it anew.",
    },
    "sync.not_yours": {
        "zh": "这一户不是您帮扶的户，或者不存在。记录已另外保存，未写入户册；请联系乡镇核对结对。",
        "en": "This household is not one of yours, or does not exist. The entry is kept aside and "
        "in no book; ask the township about your pairings.",
    },
    "sync.people_elsewhere": {
        "zh": "手机上不能开户、迁户或从别户转入人员。记录已另外保存，未写入户册；"
        "请由村里在电脑上办理。",
        "en": "Households are opened, moved and joined at the desk. The entry is kept aside and in "
        "no book; ask the village to do it.",
    },
    "sync.no_place": {
        "zh": "没有找到这条线索所属的村。记录已另外保存，未写入；请联系乡镇。",
        "en": "No village was found for this clue. It is kept aside and not written; ask the "
        "township.",
    },
    "sync.no_notice": {
        "zh": "没有这份通知。回执已另外保存；请刷新通知。",
        "en": "There is no such notice. The receipt is kept aside; load the notices again.",
    },
    "sync.held_form": {
        "zh": "{facts} 的写法不对（如电话、证件号的位数）。记录已保存，由{holder}核对后裁定。",
        "en": "{facts}: not of the form it must have, as the figures of a number. The entry is "
        "kept; {holder} looks at it and decides.",
    },
    "sync.held_behind": {
        "zh": "{facts} 在这部手机同步之后已由别人更新。记录已保存，由{holder}核对两个值后裁定。",
        "en": "{facts}: somebody wrote after the phone's copy was made. The entry is kept; "
        "{holder} looks at both values and decides.",
    },
    "sync.held_late": {
        "zh": "这一户已不由记录人帮扶。记录已保存，由{holder}核对后裁定；记录人不用再做什么。",
        "en": "The household is no longer one of who wrote this. The entry is kept; {holder} looks "
        "at it and decides. Nothing more is to be done on the phone.",
    },
    "sync.held_closed": {
        "zh": "记录人的账号已停用。记录已保存，由{holder}核对后裁定；记录人不用再做什么。",
        "en": "The account of who wrote this is closed. The entry is kept; {holder} looks at it "
        "and decides. Nothing more is to be done on the phone.",
    },
    "sync.held_rulebook": {
        "zh": "手机上的规则书是旧版，这条记录中有现在不用的项目（{facts}）。记录已保存，"
        "由{holder}核对后裁定。",
        "en": "The phone has an older rulebook; the entry has what is no longer used ({facts}). It "
        "is kept; {holder} decides.",
    },
    "sync.held_future": {
        "zh": "记录的日期 {seen_on} 晚于今天 {today}。记录已保存，由{holder}核对后裁定；"
        "请校准手机时间。",
        "en": "The day of the entry, {seen_on}, is after today, {today}. It is kept; {holder} "
        "decides. Set the clock of the phone.",
    },
    "sync.held_past": {
        "zh": "记录的日期 {seen_on} 早于 {earliest}，不像是这次看到的。记录已保存，"
        "由{holder}核对后裁定；请看一下手机的日期。",
        "en": "The day of the entry, {seen_on}, is before {earliest}: nobody saw it so long ago by "
        "phone. It is kept; {holder} decides. Look at the date of the phone.",
    },
    "sync.held_changed": {
        "zh": "这一户在这部手机同步之后有变动（{why}）。记录已保存，由{holder}核对后裁定。",
        "en": "The household has changed since the phone's copy ({why}). The entry is kept; "
        "{holder} decides.",
    },
    "sync.rest_written": {
        "zh": "这条记录的其余内容已写入户册。",
        "en": "All else of the entry is in the book.",
    },
    "sync.settled": {
        "zh": "{name}已裁定：{what}理由：{reason}。",
        "en": "{name} has decided: {what}the reason: {reason}.",
    },
    "sync.no_form": {
        "zh": "手机上的“{fact}”不合写法，不能写入户册。请选户册现有的值，"
        "再在户页面上填写核实过的号码。未写入任何内容。",
        "en": "The phone's {fact} is in no form it may have and cannot be written. Choose the "
        "book's value, then write the number you verified on the family's page. Nothing was "
        "written.",
    },
    "sync.nothing_said": {
        "zh": "这条记录什么也没有说。请至少写一项事实、变动或文字；未写入任何内容。",
        "en": "The entry says nothing. Give at least one fact, act or words; nothing was written.",
    },
    "sync.declined": {
        "zh": "{name}核对后决定不采用，理由：{reason}。记录仍然保存。",
        "en": "{name} looked at it and decided against it: {reason}. It is still kept.",
    },
    "sync.settled_already": {
        "zh": "这条记录已经裁定，或者这一户又有了新的记录。请刷新后再看；未写入任何内容。",
        "en": "This entry is settled, or the household has a newer one. Load the page again; "
        "nothing was written.",
    },
    "sync.no_book": {
        "zh": "没有可以写入的户册。请先在电脑上为这一户建册，或者不采用这条记录并写明理由；"
        "未写入任何内容。",
        "en": "There is no book to write this in. Open one for the household at the desk first, or "
        "decline the entry with a reason; nothing was written.",
    },
    "sync.own_hold": {
        "zh": "不能裁定自己写的记录。请由另一位同事办理；未写入任何内容。",
        "en": "Nobody settles his own entry. Let a colleague do it; nothing was written.",
    },
    "sync.own_value": {
        "zh": "户册里的“{fact}”是您写的，哪个值对不由您裁定。请由另一位同事办理；未写入任何内容。",
        "en": "The book's {fact} is in your words, so it is not for you to say which value holds. "
        "Let a colleague do it; nothing was written.",
    },
    "sync.which_day": {
        "zh": "手机上写的日期 {seen_on} 太早，请填写实际看到的日期。未写入任何内容。",
        "en": "The day of the phone, {seen_on}, is too long ago; give the day it was seen. Nothing "
        "was written.",
    },
    "sync.no_revoke_reason": {
        "zh": "停用手机要写明原因（至少 {least} 个字，标点不算），会记入日志。手机未停用。",
        "en": "Shutting a phone out needs a reason of {least} letters or figures at least, which "
        "is kept. The phone goes on.",
    },
    "sync.no_reason": {
        "zh": "裁定要写明理由（至少 {least} 个字，标点不算）。未写入任何内容。",
        "en": "A decision needs a reason of {least} letters or figures at least. Nothing was "
        "written.",
    },
    "sync.which_value": {
        "zh": "请为每一项选定一个值。未写入任何内容。",
        "en": "Choose one value for each fact. Nothing was written.",
    },
    "sync.too_many": {
        "zh": "一次送来 {found} 条，最多 {most} 条。请分批再送；未写入任何内容。",
        "en": "{found} entries came at once; the most is {most}. Send fewer; nothing was written.",
    },
    "sync.busy": {
        "zh": "正在同步的手机很多，请 {seconds} 秒后再试。未写入任何内容，手机上的记录都在。",
        "en": "Many phones are syncing; try again in {seconds} seconds. Nothing was written; what "
        "the phone holds is still there.",
    },
    "sync.not_awaited": {
        "zh": "没有记录提到这个文件。请先送记录，再送照片；文件未保存。",
        "en": "No entry speaks of this file. Send the entry first, then the photo; the file was "
        "not kept.",
    },
    "sync.wrong_size": {
        "zh": "文件应有 {size} 字节，送来的超出了。已丢弃，请从头再送。",
        "en": "The file should have {size} bytes; more came. It was dropped; send it again from "
        "the start.",
    },
    "sync.wrong_hash": {
        "zh": "送来的文件与记录中的指纹不符，可能传输出错。已丢弃，请从头再送。",
        "en": "What came is not the file the entry speaks of. It was dropped; send it again from "
        "the start.",
    },
    "sync.bad_token": {
        "zh": "续传标记读不懂。请不带标记重新拉取。",
        "en": "The resume token cannot be read. Pull without one.",
    },
    "sync.revoked_already": {
        "zh": "这部手机已经停用。未改动任何内容。",
        "en": "This phone is shut out already. Nothing was changed.",
    },
    "sync.phone_ended": {
        "zh": "这部手机的登记已停用，或已在手机上退出，它的密钥不再有效。未写入任何内容；"
        "请本人在这部手机上登录，重新登记后没传的会接着上传。",
        "en": "This phone was shut out, or its helper left it: its key opens no more. Nothing was "
        "written. Sign in on it; once registered again it sends what waits.",
    },
    "sync.device_taken": {
        "zh": "这部手机登记在另一个账号名下。请在手机上清空后重新登记。",
        "en": "This phone is registered for another account. Clear it on the phone and register "
        "again.",
    },
}


class Problem(Refused):
    """Something a person can put right at the desk; `status` is that of the HTTP answer."""

    sentences: ClassVar[Mapping[str, Mapping[str, str]]] = SENTENCES
    #: (code, detail) → what people call it; a detail is the key of a rule or fact for programs.
    #: `naming` knows the names and writes them here; None leaves the detail as it is.
    called: ClassVar[dict[tuple[str, str], Callable[[str], Phrase | None]]] = {}

    def __init__(self, code: str, status: int = 400, **details: object) -> None:
        self.status = status
        super().__init__(code, **details)

    def told(self) -> Mapping[str, object]:
        """The details as people are told them: words, where a detail is a key."""
        words = {
            name: call(str(self.details.get(name)))
            for (code, name), call in self.called.items()
            if code == self.code
        }
        return {**self.details, **{name: word for name, word in words.items() if word}}
