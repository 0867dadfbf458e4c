BEGIN TRANSACTION;
CREATE TABLE "account" ("user_id" TEXT NOT NULL PRIMARY KEY, "email" TEXT NOT NULL, "endpoint" TEXT NOT NULL, "revision" INTEGER NOT NULL, "window_start" INTEGER NOT NULL, "window_end" INTEGER NOT NULL);
INSERT INTO "account" VALUES('ana','ana@example.com','https://google.test',41,1760000000,1860000000);
CREATE TABLE "calendar" ("user_id" TEXT NOT NULL, "calendar_id" TEXT NOT NULL, "resource" TEXT NOT NULL, "position" INTEGER NOT NULL, "shown" INTEGER NOT NULL, "generation" INTEGER NOT NULL, "sync_token" TEXT, "fingerprint" TEXT NOT NULL, "staged_generation" INTEGER, "staged_fingerprint" TEXT NOT NULL, "staged_page_token" TEXT, "staged_write_seq" INTEGER NOT NULL, "staged_dirty_seq" INTEGER NOT NULL, "dirty_seq" INTEGER NOT NULL, "synced_seq" INTEGER NOT NULL, "queued" INTEGER NOT NULL, "write_seq" INTEGER NOT NULL, "live_wanted" INTEGER NOT NULL, "watchable" INTEGER NOT NULL, "synced_at" INTEGER, "problem" TEXT NOT NULL, deaths INTEGER NOT NULL DEFAULT 0, PRIMARY KEY ("user_id", "calendar_id"));
INSERT INTO "calendar" VALUES('ana','home','{"id": "home", "summary": "Home", "accessRole": "owner"}',0,1,7,'token-home','f',NULL,'',NULL,0,0,12,11,0,3,1,1,1795000000,'',0);
INSERT INTO "calendar" VALUES('ana','work','{"id": "work", "summary": "Work", "accessRole": "owner"}',1,1,5,NULL,'f',NULL,'',NULL,0,0,12,11,0,3,1,1,1795000000,'',0);
CREATE TABLE change (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, label TEXT NOT NULL, steps TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
    retry_at INTEGER, send_updates TEXT NOT NULL
);
INSERT INTO "change" VALUES(4,'ana','Tea','[{"verb": "patch", "calendar_id": "home", "event_id": "tea", "fields": {"summary": "Tea"}, "base": {"summary": "Чай"}, "tried": true}]','conflict','changed at Google',1795000100,2,NULL,'none');
CREATE TABLE "channel" ("channel_id" TEXT NOT NULL PRIMARY KEY, "user_id" TEXT NOT NULL, "calendar_id" TEXT NOT NULL, "token_hash" TEXT NOT NULL, "state" TEXT NOT NULL, "resource_id" TEXT NOT NULL, "expiration_ms" INTEGER, "address" TEXT NOT NULL, "created_at" INTEGER NOT NULL, "last_message_at" INTEGER);
INSERT INTO "channel" VALUES('channel-1','ana','home','hash','active','resource-1',1795600000000,'https://calendar.example.com',1795000000,NULL);
CREATE TABLE "event" ("generation" INTEGER NOT NULL, "event_id" TEXT NOT NULL, "family_id" TEXT NOT NULL, "original_start" TEXT, "etag" TEXT NOT NULL, "cancelled" INTEGER NOT NULL, "recurring" INTEGER NOT NULL, "pushed_seq" INTEGER NOT NULL, "resource" TEXT NOT NULL, PRIMARY KEY ("generation", "event_id")) WITHOUT ROWID;
INSERT INTO "event" VALUES(5,'gone','gone',NULL,'2',1,0,0,'{"id": "gone", "etag": "2", "status": "cancelled"}');
INSERT INTO "event" VALUES(7,'tea','tea',NULL,'1',0,0,2,'{"id": "tea", "etag": "1", "status": "confirmed", "summary": "Чай", "start": {"dateTime": "2026-11-23T09:00:00Z"}, "end": {"dateTime": "2026-11-23T10:00:00Z"}}');
CREATE TABLE "instance" ("generation" INTEGER NOT NULL, "bucket" INTEGER NOT NULL, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL, "all_day" INTEGER NOT NULL, "family_id" TEXT NOT NULL, "original_start" TEXT NOT NULL, "entry" TEXT NOT NULL, PRIMARY KEY ("generation", "bucket", "start", "family_id", "original_start")) WITHOUT ROWID;
INSERT INTO "instance" VALUES(7,0,1795424400,1795428000,0,'tea','','{"user_id": "ana", "calendar_id": "home", "event_id": "tea", "start": 1795424400, "end": 1795428000, "all_day": false, "summary": "Чай"}');
CREATE TABLE "meta" ("key" TEXT NOT NULL PRIMARY KEY, "value" TEXT NOT NULL);
INSERT INTO "meta" VALUES('schema_version','2');
INSERT INTO "meta" VALUES('database_id','0123456789abcdef');
INSERT INTO "meta" VALUES('generation','7');
INSERT INTO "meta" VALUES('public_address','https://calendar.example.com');
CREATE TABLE "task" ("task_id" TEXT NOT NULL PRIMARY KEY, "user_id" TEXT NOT NULL, "name" TEXT NOT NULL, "calendar_id" TEXT, "subject" TEXT NOT NULL, "state" TEXT NOT NULL, "done" INTEGER NOT NULL, "total" INTEGER, "result" TEXT NOT NULL, "error" TEXT NOT NULL, "retries" INTEGER NOT NULL, "retry_at" INTEGER, "queued_at" INTEGER NOT NULL, "started_at" INTEGER, "finished_at" INTEGER);
INSERT INTO "task" VALUES('task-1','ana','calendar.pull','home','','done',3,3,'3 events','',0,NULL,1795000000,1795000001,1795000002);
CREATE TABLE "undo" ("id" INTEGER NOT NULL PRIMARY KEY, "user_id" TEXT NOT NULL, "label" TEXT NOT NULL, "forward" TEXT NOT NULL, "inverse" TEXT NOT NULL, "change_id" INTEGER NOT NULL, "undone" INTEGER NOT NULL, "created_at" INTEGER NOT NULL);
INSERT INTO "undo" VALUES(1,'ana','Tea','[]','[]',9,0,1795000100);
CREATE INDEX "eventrow_generation_family_id_original_start" ON "event" ("generation", "family_id", "original_start");
CREATE INDEX "instancerow_generation_family_id" ON "instance" ("generation", "family_id");
CREATE INDEX "undorow_user_id" ON "undo" ("user_id");
CREATE INDEX "channelrow_user_id" ON "channel" ("user_id");
CREATE INDEX "taskrow_user_id" ON "task" ("user_id");
CREATE INDEX changerow_user_id ON change (user_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('change',9);
COMMIT;
