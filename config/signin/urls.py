from django.urls import path

from config.signin import views

urlpatterns = [
    path("login/", views.login, name="login"),
    # The names by which allauth goes from step to step.
    path("login/", views.login, name="account_login"),
    path("login/code/", views.second_step, name="mfa_authenticate"),
    path("logout/", views.logout, name="logout"),
    path("account/", views.second_factors, name="mfa_index"),
    path("account/app/", views.set_up_app, name="mfa_activate_totp"),
    path("account/app/remove/", views.remove_app, name="mfa_deactivate_totp"),
    path("account/keys/add/", views.add_key, name="mfa_add_webauthn"),
    path("account/keys/<int:pk>/remove/", views.remove_key, name="mfa_remove_webauthn"),
    path("account/kept/", views.kept_form, name="kept_form"),
    path("account/sessions/end/", views.end_other_sessions, name="end_other_sessions"),
    path("account/codes/", views.recovery_codes, name="recovery_codes"),
    path("account/password/", views.change_password, name="change_password"),
]
