from django.urls import path

from kpi.views import quality, surveys

urlpatterns = [
    path("survey/", surveys.survey, name="survey"),
    path("quality/", quality.samples, name="quality"),
    path("quality/<int:pk>/", quality.sample, name="quality_sample"),
    path("quality/checks/<int:pk>/", quality.check, name="quality_check"),
]
