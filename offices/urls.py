from django.urls import path

from offices import views

urlpatterns = [
    path("offices/", views.office_list, name="office_list"),
    path("offices/<str:key>/", views.office_detail, name="office_detail"),
    path("offices/<str:key>/card.vcf", views.office_card, name="office_card"),
    path("offices/<str:key>/hours.ics", views.office_calendar, name="office_calendar"),
]
