"""What the measures are called, 简体中文 and English, for whoever shows them."""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """One measure's name in both languages."""

    zh: str
    en: str


# The keys of summary(), in the order of showing. 贫困发生率 is kept for the register's own rate
# over 乡村人口 (incidence.py); a survey's headcount is named as statistics do.
NAMES: dict[str, Name] = {
    "rows": Name("记录数", "Rows"),
    "population": Name("总体人数(加权)", "Population (weighted)"),
    "mean": Name("均值", "Mean"),
    "median": Name("中位数", "Median"),
    "quantiles": Name("分位数", "Quantiles"),
    "line": Name("贫困线", "Poverty line"),
    "line_from": Name("贫困线来源", "Where the line comes from"),
    "headcount": Name("贫困人口比例", "Headcount ratio"),
    "poor_persons": Name("贫困人口(加权)", "Poor persons (weighted)"),
    "gap": Name("贫困深度指数", "Poverty gap"),
    "severity": Name("贫困强度指数", "Squared poverty gap"),
    "watts": Name("瓦茨指数", "Watts index"),
    "sen": Name("森指数", "Sen index"),
    "relative_median_gap": Name("相对中位贫困差距", "Relative median at-risk gap"),
    "gini": Name("基尼系数", "Gini index"),
    "s80_s20": Name("高低收入五等份之比", "Income quintile share ratio S80/S20"),
    "mean_log_deviation": Name("平均对数离差", "Mean log deviation"),
    "polarization": Name("沃尔夫森极化指数", "Wolfson polarization"),
    "decile_shares": Name("十等份收入份额", "Decile shares"),
    "cleaning": Name("数据清理", "Cleaning"),
    "not_defined": Name("无法计算", "Not defined"),
    "standard_errors": Name("标准误", "Standard errors"),
    "by_group": Name("分组", "By group"),
}
