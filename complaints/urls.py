from django.urls import path

from complaints import public, views

urlpatterns = [
    path("complain/", public.start, name="complain"),
    path("complain/status/", public.status, name="complain_status"),
    path("complain/<slug:kind>/", public.complain, name="complain_form"),
    path("work/complaints/", views.my_complaints, name="my_complaints"),
    path("complaints/", views.journal, name="complaints"),
    path("complaints/register/", views.register, name="complaint_register"),
    path("complaints/search/", views.search, name="complaint_search"),
    path("complaints/<int:pk>/", views.complaint, name="complaint"),
    path("complaints/<int:pk>/<slug:act>/", views.act, name="complaint_act"),
    path("complaints/<int:pk>/papers/<uuid:key>.pdf", views.paper, name="complaint_paper"),
    path("complaints/<int:pk>/files/<int:attachment_id>", views.attachment, name="complaint_file"),
]
