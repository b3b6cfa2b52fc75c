"""Django's tables of users by its own migrations, and a user: python django_rows.py CONNINFO NAME."""

import sys

import django
from django.conf import settings
from django.core.management import call_command
from psycopg.conninfo import conninfo_to_dict

conninfo, name = sys.argv[1:]
address = conninfo_to_dict(conninfo)
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.admin"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": address.get("dbname", ""),
            "USER": address.get("user", ""),
            "PASSWORD": address.get("password", ""),
            "HOST": address.get("host", ""),
            "PORT": address.get("port", ""),
        }
    },
    USE_TZ=True,
)
django.setup()
call_command("migrate", verbosity=0)

from django.contrib.admin.models import CHANGE, LogEntry  # noqa: E402
from django.contrib.auth.models import Group, Permission, User  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402

group, _ = Group.objects.get_or_create(name="editors")
user = User.objects.create_user(name)
user.groups.add(group)
user.user_permissions.add(*Permission.objects.all()[:3])
LogEntry.objects.create(
    user=user,
    content_type=ContentType.objects.get_for_model(Group),
    object_id=group.pk,
    object_repr="editors",
    action_flag=CHANGE,
)
