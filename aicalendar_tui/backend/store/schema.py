"""The tables as queries see them; `migrations` makes them.

`event` and `instance` belong to a *generation*, a number that one calendar's full sync got: the live generation of a
calendar is a field of its row, so that a staged full sync is swapped in by one update.
"""

from peewee import AutoField, BigIntegerField, BooleanField, CompositeKey, IntegerField, Model, TextField


class Meta(Model):
    """`schema_version`, `database_id`, the last `generation` given out, the receiver's `public_address` and
    `tunnel_problem`.

    In PostgreSQL also `writes`, which counts the write transactions.
    """

    key = TextField(primary_key=True)
    value = TextField()


class Account(Model):
    """One row a signed-in (or demo) user; `revision` counts every change of what their views show."""

    user_id = TextField(primary_key=True)
    email = TextField(default="")
    endpoint = TextField(default="")
    revision = BigIntegerField(default=0)
    window_start = BigIntegerField()
    window_end = BigIntegerField()


class CalendarRow(Model):
    """A calendar list entry, with how far it is synced. Counters change only by `x = x + 1`."""

    user_id = TextField()
    calendar_id = TextField()
    resource = TextField()
    position = IntegerField(default=0)
    shown = BooleanField(default=True)
    generation = BigIntegerField()
    sync_token = TextField(null=True)
    fingerprint = TextField(default="")
    staged_generation = BigIntegerField(null=True)
    staged_fingerprint = TextField(default="")
    staged_page_token = TextField(null=True)
    staged_write_seq = BigIntegerField(default=0)
    staged_dirty_seq = BigIntegerField(default=0)
    dirty_seq = BigIntegerField(default=1)
    synced_seq = BigIntegerField(default=0)
    queued = BooleanField(default=False)
    write_seq = BigIntegerField(default=0)
    live_wanted = BooleanField(default=False)
    watchable = BooleanField(default=True)
    synced_at = BigIntegerField(null=True)
    problem = TextField(default="")
    deaths = IntegerField(default=0)
    own_color = TextField(default="")
    own_position = IntegerField(null=True)

    class Meta:
        """Found by its two names."""

        table_name = "calendar"
        primary_key = CompositeKey("user_id", "calendar_id")


class EventRow(Model):
    """The mirror: each resource as Google sent it; tombstones stay."""

    generation = BigIntegerField()
    event_id = TextField()
    family_id = TextField()
    original_start = TextField(null=True)
    etag = TextField(default="")
    cancelled = BooleanField(default=False)
    recurring = BooleanField(default=False)
    pushed_seq = BigIntegerField(default=0)
    resource = TextField()

    class Meta:
        """A family is read by its master's id."""

        table_name = "event"
        primary_key = CompositeKey("generation", "event_id")


class InstanceRow(Model):
    """The shown index: one row for each visible instance, in buckets by length so that a range is a few scans."""

    generation = BigIntegerField()
    bucket = IntegerField()
    start = BigIntegerField()
    end = BigIntegerField()
    all_day = BooleanField()
    family_id = TextField()
    original_start = TextField()
    entry = TextField()

    class Meta:
        """Clustered by time within a calendar's bucket."""

        table_name = "instance"
        primary_key = CompositeKey("generation", "bucket", "start", "family_id", "original_start")


class ChangeRow(Model):
    """The outbox; `steps` is a JSON array of `domain.change.Step`."""

    id = AutoField()
    user_id = TextField()
    label = TextField(default="")
    steps = TextField()
    state = TextField(default="waiting")
    reason = TextField(default="")
    created_at = BigIntegerField()
    attempts = IntegerField(default=0)
    retry_at = BigIntegerField(null=True)
    send_updates = TextField(default="none")

    class Meta:
        """The row id orders the changes."""

        table_name = "change"


class UndoRow(Model):
    """What can be taken back or done again."""

    id = AutoField()
    user_id = TextField()
    label = TextField(default="")
    forward = TextField()
    inverse = TextField()
    change_id = BigIntegerField()
    undone = BooleanField(default=False)
    created_at = BigIntegerField()

    class Meta:
        """The row id orders the entries."""

        table_name = "undo"


class ChannelRow(Model):
    """The ledger of notification channels; kept until known dead."""

    channel_id = TextField(primary_key=True)
    user_id = TextField()
    calendar_id = TextField()
    token_hash = TextField()
    state = TextField(default="pending")
    resource_id = TextField(default="")
    expiration_ms = BigIntegerField(null=True)
    address = TextField(default="")
    created_at = BigIntegerField()
    last_message_at = BigIntegerField(null=True)

    class Meta:
        """Looked up by id at each notification."""

        table_name = "channel"


class TaskRow(Model):
    """The ledger of background tasks that the panel shows."""

    task_id = TextField(primary_key=True)
    user_id = TextField()
    name = TextField()
    calendar_id = TextField(null=True)
    subject = TextField(default="")
    state = TextField(default="queued")
    done = IntegerField(default=0)
    total = IntegerField(null=True)
    result = TextField(default="")
    error = TextField(default="")
    retries = IntegerField(default=0)
    retry_at = BigIntegerField(null=True)
    queued_at = BigIntegerField()
    started_at = BigIntegerField(null=True)
    finished_at = BigIntegerField(null=True)

    class Meta:
        """Celery's task id is the key."""

        table_name = "task"


class DocumentRow(Model):
    """The words that an event or series is found by; what changes is deleted and added, never updated."""

    id = AutoField()
    generation = BigIntegerField()
    family_id = TextField()
    original_start = TextField()
    words = TextField()
    sender = TextField()

    class Meta:
        """In SQLite, triggers keep the full-text table `search` true to it."""

        table_name = "document"
