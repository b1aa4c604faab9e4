"""A route that forgot to declare its policy."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def forgotten(request: HttpRequest) -> HttpResponse:
    """Opens to nobody, because it says nothing."""
    return HttpResponse("open")


urlpatterns = [path("", forgotten, name="home"), path("login/", forgotten, name="login")]
handler403 = "tests.config.open_routes.refused"


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Our own page needs the routes of the site."""
    return HttpResponse("refused", status=403)
