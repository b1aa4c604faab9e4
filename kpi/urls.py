from django.urls import path, re_path

from kpi.views import analysis, closing, figures, quality, surveys

urlpatterns = [
    path("indicators/", figures.indicators, name="indicators"),
    re_path(r"^indicators/line/(?P<code>[1-5]\.[1-9])/$", figures.indicator_cell, name="indicator_cell"),
    re_path(r"^indicators/table\.(?P<kind>csv|xlsx|pdf)$", figures.indicator_export, name="indicator_export"),
    path("indicators/cases/<int:pk>/", figures.case_figures, name="case_figures"),
    path("indicators/trends/", analysis.indicator_trends, name="indicator_trends"),
    path("indicators/offices/", analysis.indicator_offices, name="indicator_offices"),
    path("indicators/minutes/", analysis.indicator_minutes, name="indicator_minutes"),
    path("indicators/targets/", closing.target_values, name="targets"),
    path("indicators/targets/<int:pk>/", closing.target_approve, name="target_approve"),
    path("indicators/closed/", closing.closed_periods, name="closed_periods"),
    path("indicators/closed/<int:pk>/", closing.closed_period, name="closed_period"),
    path("morning/", analysis.morning_list, name="morning"),
    path("survey/", surveys.survey, name="survey"),
    path("quality/", quality.samples, name="quality"),
    path("quality/<int:pk>/", quality.sample, name="quality_sample"),
    path("quality/checks/<int:pk>/", quality.check, name="quality_check"),
]
