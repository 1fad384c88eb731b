"""Which facts are asked together in the demo county, by whom and when."""

from __future__ import annotations

#: Said of a person when he or she first stands in a book.
WHO = (
    "name", "sex", "birth", "id_kind", "identity", "relation", "ethnic_group", "phone",
    "registered_here",
)  # fmt: skip
#: Asked of every household when the books were opened, at the end of 2015.
FIRST = (
    "house_area", "house_structure", "house_year", "water_source", "power", "tv_signal",
    "road_type", "farmland", "forest", "phone",
)  # fmt: skip
#: The same of households of the register.
FIRST_LISTED = ("attribute", "identified", "cause", "cause_2", "allowance_class")
INCOME = (
    "wage_income", "operating_income", "property_income", "transfer_income", "operating_cost",
)  # fmt: skip
#: Sums of incomes as somebody wrote them.
STATED = ("total_income_stated", "net_income_stated", "income_per_person_stated")
#: Lists of the insurance office, each March, and of the schools, each September.
MEDICAL = (
    "medical_resident", "medical_employee", "medical_serious", "medical_commercial",
    "insured_on_list", "premium_aided",
)  # fmt: skip
SCHOOL = (
    "schooling", "at_school", "not_at_school_reason", "on_roll", "attends", "home_taught",
    "absence_proved", "boarding",
)  # fmt: skip
#: Written when a household left poverty.
EXIT = (
    "exit_status", "exited", "exit_year", "exit_mode", "verified_on", "head_agrees", "head_signed",
    "head_signature_kind", "helper_signed", "village_meeting_on", "list_1_from", "list_1_until",
    "list_2_from", "list_2_until", "announced_on", "township_checked", "county_compared",
    "marked_exited_on", "evidence_photos", "income_form_signed", "head_signer", "helper_signer",
)  # fmt: skip
#: Kept in the handbook and looked at by the helper each quarter.
HANDBOOK = (
    "helper_name", "handbook_helper", "card_helper", "helper_unit", "helper_from", "visits_month",
    "visits_quarter", "visit_signed", "visit_photo", "measures", "measures_fit_cause", "plan_made",
    "plan_signed", "policy_late", "satisfied", "need_met", "handbook", "handbook_people",
    "handbook_status", "handbook_periods", "handbook_income", "handbook_signatures",
    "handbook_blank", "app_people", "app_income", "app_updated_on", "card_hung", "card_colour",
    "card_people", "card_policies",
)  # fmt: skip
MONITORING = (
    "monitor_kind", "monitored_month", "risk_1", "risk_2", "risk_removed", "removal_way",
    "removed_month", "development_help", "no_labour_support", "medical_aid", "after_wage",
    "after_operating", "after_property", "after_transfer", "after_cost", "after_claims",
    "after_self_paid", "industry_help", "job_help", "post_help", "health_help", "education_help",
    "social_help", "society_help", "schooling_help", "housing_help", "water_help",
)  # fmt: skip
#: Not asked again in the census of 2020: they stand under the themes above.
NOT_IN_CENSUS = frozenset(
    (*FIRST_LISTED, *INCOME, *STATED, *EXIT, *HANDBOOK, *MONITORING,
     "last_visit_on")
)  # fmt: skip
NOT_IN_CENSUS_OF_PERSONS = frozenset((*WHO, *MEDICAL))
#: Words of visits, by quarter of the year.
WORDS = (
    ("讲解教育资助和医保政策", "核对家庭人口和收入", "了解春耕打算，登记务工意向"),
    ("查看住房和饮水情况", "发放种养奖补申请表", "核对务工人员名单"),
    ("提醒参加城乡居民医保", "了解孩子开学情况", "查看产业项目进展"),
    ("核算全年收入，填写手册", "商量明年帮扶措施", "核对帮扶卡内容"),
)
#: Measures of help: name, programme, yuan from and to.
HELP = (
    ("产业奖补", "industry", 600, 5_000),
    ("教育资助（雨露计划）", "education", 1_500, 3_000),
    ("务工交通补助", "jobs", 300, 600),
    ("小额信贷贴息", "loan", 900, 2_400),
    ("慢性病门诊报销", "medical", 200, 1_800),
    ("公益性岗位补贴", "post", 1_200, 7_200),
)
