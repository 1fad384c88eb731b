"""Texts somebody might put into a rulebook to make a reader run or reveal something.

REFUSED texts are refused. HARMLESS ones look like an attack and are only words or quoted text.
Each is tried as a condition, as a value and as an amount, at a household and at a village.
"""

# fmt: off
PYTHON = [
    "__import__('os')", "__import__('os').system('id')", "import os", "from os import system",
    "exec('1')", "eval('1')", "compile('1','','eval')", "open('/etc/passwd')", "print(1)",
    "globals()", "locals()", "vars()", "dir()", "getattr(water, 'x')", "setattr(water, 'x', 1)",
    "type(water)", "object()", "super()", "help()", "input()", "breakpoint()", "exit()",
    "water.__class__", "water.__class__.__bases__", "''.__class__.__mro__[1].__subclasses__()",
    "().__class__", "(1).__class__", "__builtins__", "__builtins__.eval", "__name__ = 'a'",
    "__debug__", "__file__", "self.x", "cls", "r", "r.results", "r.facts[0]", "v[0]", "d0(r)",
    "t1", "K1", "MISSING", "Answer(True)", "ANSWERS[1]", "HOLDS", "results", "facts", "under(r, 1)",
    "lambda: 1", "lambda x: x", "(lambda: water)()", "[x for x in water]", "[1, 2]", "{1: 2}",
    "{water}", "water[0]", "water[:]", "phone[0]", "*water", "**water", "(*water,)", "(water,)",
    "()", "water if power else road", "water; power", "water\npower", "water := 1", "rooms == 1",
    "rooms += 1", "rooms ** 2 > 1", "rooms // 2 > 1", "rooms % 2 = 1", "rooms << 60 > 1",
    "~rooms > 1", "rooms & 1 > 1", "rooms | 1 > 1", "rooms ^ 1 > 1", "not", "rooms @ 1",
    "water is None", "water is not True", "None", "True and None", "yield water", "await water",
    "async", "def f(): pass", "class A: pass", "return water", "raise water", "assert water",
    "del water", "pass", "with water", "f'{water}'", "f'a' = phone", "b'a' = phone",
    "rb'a' = phone", "u'a' = phone", "'%s' % phone", "'{0}'.format(phone)", "phone.format(1)",
    "phone.encode()", "'a' 'b' = phone", "'a' + 'b' = phone", "phone + 'a' = phone",
    "phone * 9 = 'a'",
    "...", "Ellipsis", "NotImplemented", "water #", "# water", "water # and power", "\\",
    "water \\\n",
    "0x10 = rooms", "0b1 = rooms", "0o7 = rooms", "1_000 = rooms", "1e5 > rooms", "1j > rooms",
    ".5 > area", "5. > area", "1.5.2 > area", "rooms > 1L", "rooms > -", "rooms > --1",
    "rooms > +1",
    "inf > area", "nan = area", "-inf < area", "1/0 > area", "0/0 = area",
]
SQL = [
    "water; DROP TABLE household", "water; select 1", "select 1", "(select 1) = 1",
    "exists (select 1)", "rooms in (select rooms from household)", "rooms = any (select 1)",
    "water union select 1", "1 = 1 --", "water -- and power", "water /* and */ and power",
    "/* water */", "water */", "rooms::text = '1'", "cast(rooms as text) = '1'",
    "try_cast(1 as int)",
    "rooms = '1' or '1' = '1' --", "phone like '%a%'", "phone ilike 'a'", "phone ~ 'a'",
    "phone similar to 'a'", "phone glob '*'", "phone regexp 'a'", "phone || 'a' = 'a'",
    "coalesce(rooms, 1) = 1", "ifnull(rooms, 1) = 1", "iif(water, 1, 2) = 1",
    "nullif(rooms, 1) = 1",
    "read_csv('/etc/passwd')", "read_text('/etc/passwd') = 'a'", "pg_read_file('a') = 'a'",
    "load_extension('a')", "sqlite_version() = '3'", "current_user = 'a'", "current_date = on",
    "version() = 'a'", "pragma table_info", "attach 'a' as b", "copy household to 'a'",
    "install httpfs", "$1 = rooms", "? = rooms", ":a = rooms", "@a = rooms", "@@version = 1",
    "household.rooms.x = 1", "main.household.rooms = 1", '"household"."rooms" = 1',
    "[rooms] = 1", "rooms = 1 limit 1", "rooms = 1 order by 1", "rooms = 1 group by 1",
    "count(*) > 1", "count(distinct member.sick) > 1", "sum(member.wage) over () > 1",
    "case water when true then 1 else 2 end = 1", "case end = 1", "case else 1 end = 1",
    "date '2020-01-01' = visited", "interval '1' day = rooms", "extract(year from visited) = 1",
    "visited at time zone 'a' = visited", "array[1] = rooms", "row(1) = rooms", "rooms = null",
    "water is null", "water is not null", "rooms is distinct from 1", "not exists water",
]
QUOTES = [
    "'", "''", "'''", "phone = '", "phone = 'a''b'", "phone = 'a\\'b'", "phone = 'a' or 1=1 --'",
    "phone = 'a\nb'", "phone = 'a\tb'", "phone = \"a", "phone = ‘a", "phone = “a'", "phone = `a",
    "`", "``", "`water", "`water\n`", "`water` `power`", "`wa`ter", "`__import__('os')`",
    "`; drop table household; --`", "`\" or 1=1`", "`water'`", "`r.results[0]`",
    "phone = 'a' 'b'", "phone = 'a'b'", "'water' and power", "grade = '' ", "phone = ''",
    "grade = 'a\\x00'", "grade = '\\u0061'", "grade = '${a}'", "grade = '{a}'", "grade = '%s'",
    "grade in ('a'; 'b')", "grade in ('a' 'b')", "grade in 'a'", "grade in ()", "grade in (grade)",
    "any(has(member.gets, 'a' or 'b'))", "matches(phone, '(a+)+')", "matches(phone, '(?#a)')",
    "matches(phone, '(?{1})')", "matches(phone, '\\1')", "matches(phone, '[[:digit:]]')",
    "matches(phone, 'a{99999}')", "matches(phone, '(a{99}){99}')", "starts_with(phone, phone)",
]
SIGNS = [
    "water\x00", "\x00", "phone = 'a\x00b'", "water\x1b[31m", "wa\u200bter", "water\u200d",
    "\u202ewater", "water\u2066 and power", "phone = '\u202eabc'", "\ufeffwater", "water\u00ad",
    "phone = '\ud800'", "\ud800", "phone = '\ue000'", "water\u2028and power", "water\u0085",
    "water\x0bor power", "water\x0cor power", "rooms = \u0663", "rooms = \uff11", "rooms = \u00b2",
    "rooms = \u2460", "rooms = 1\u0663", "rooms = \U0001d7d9", "w\u0430ter", "\uff57ater",
    "rooms \u2264 1", "rooms \u2260 1", "rooms \u00d7 2 = 2", "rooms \u00f7 2 = 2",
    "rooms \u2212 1 = 2", "water \u2227 power", "water \u2228 power", "\u00acwater",
    "water \uff1b power", "water \uff1a power", "water\u3002", "water \uff06 power",
    "water \uff5c power", "phone = \uff07a\uff07", "phone = \u201aa\u2018", "phone = \u00aba\u00bb",
    "rooms > 1\u20e3", "\U0001f600", "water \U0001f600", "`\u202ewater`",
]
LARGE = [
    "(" * 5000 + "water" + ")" * 5000, "(" * 40 + "water" + ")" * 40, "not " * 1200 + "water",
    "-" * 1000 + "rooms > 1", "rooms > " + "1+" * 1900 + "1", "rooms" + "*1" * 1500 + " > 1",
    "water" + " and water" * 5000, "rooms = " + "9" * 3000, "rooms = 9" * 500, "a" * 3999,
    "a." * 1999 + "a", "phone = '" + "a" * 4000 + "'", "case when water then " * 200 + "1",
    "if_unknown(" * 300 + "water", "any(" * 500, "round(" * 100 + "rooms" + ")" * 100 + " > 1",
    "rooms in (" + "1," * 1900 + ")", "at_least(1," + "water," * 500 + "water)", "." * 3000,
    "(case when rooms between " * 50 + "1", "matches(phone, '" + "(" * 300 + "')",
    "matches(phone, '" + "a?" * 150 + "')", "rooms = 999999999999999999999999999999",
    "days_since(visited) < 99999999999999", "days_since(visited) < -99999999999999",
    "visited = '99999-01-01'", "visited = '0000-01-01'", "left_in = '9999-99'",
    "999999999999999 * 999999999999999 * 999999999999999 > 1",
]
REFUSED = [*PYTHON, *SQL, *QUOTES, *SIGNS, *LARGE]

#: Conditions that only look dangerous: what is quoted stays text, names stay names.
HARMLESS = [
    "phone = '; drop table household; --'", "phone = '__import__(os)'", "phone = '\"'",
    "phone = '`'",
    "phone = '\\'", "phone = '\\\\'", "phone = '{0}'", "phone = '%s%n'", "phone = '${HOME}'",
    "phone = '<script>'", "phone = \"'\"", "phone = “'”", "phone = '\U00020000'",
    "matches(phone, 'a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaa')", "matches(phone, '(a|a)*b')",
    "starts_with(phone, '\\')", "starts_with(phone, '.*')", "village.place_in('\\' , '%')",
    "`water`", "` water `", "water\r\n\tand\n power", "rooms =1and water", "1=1or 2=2",
    "TRUE AND NOT False", "water Is Not Blank",
    "\u3000water\u3000", "(water)", "((((((((water))))))))", "visited = '0001-01-01'",
    "rooms = 000000000000001", "rooms = 1.0", "area = 0.0000000000001", "1 <> 2",
]
# fmt: on
