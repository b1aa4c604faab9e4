
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('offices', '0004_tables_of_a_part_that_is_gone'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(max_length=40)),
                ('facts', models.JSONField(default=dict)),
                ('raised_at', models.DateTimeField()),
                ('over_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('over_told_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('parked_at__isnull', False)), fields=['parked_at'], name='job_parked'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('over_at', None)), fields=('cause',), name='one_open_alert_a_cause'),
        ),
    ]
