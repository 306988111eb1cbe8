"""The catalog: who the people are, which companies they belong to, and which database is whose."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crmtenant.clock import now
from crmtenant.models.base import NAMING


class CatalogBase(DeclarativeBase):
    """The tables of the catalog database."""

    metadata = MetaData(naming_convention=NAMING)


class Dated:
    """When a row was created and last changed."""

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(
        "changed_at", DateTime(timezone=True), key="updated_at", default=now, onupdate=now
    )


class Server(Dated, CatalogBase):
    """A PostgreSQL server that companies can live on, and the template database it copies new ones from.

    The catalog's own server has neither `host` nor `port`: it is where the settings say. New companies are
    spread by `weight`, of which 0 means none, and by what is left of the capacity, where that is known. No
    password is kept here.
    """

    __tablename__ = "server"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    template_database: Mapped[str | None] = mapped_column(Text)
    template_revision: Mapped[str | None] = mapped_column(Text)
    host: Mapped[str | None] = mapped_column(Text)
    port: Mapped[int | None] = mapped_column(Integer)
    admin_user: Mapped[str | None] = mapped_column(Text)
    weight: Mapped[int] = mapped_column(Integer, server_default="100")
    is_draining: Mapped[bool] = mapped_column(Boolean, server_default=false())
    capacity_bytes: Mapped[int | None] = mapped_column(BigInteger)
    used_bytes: Mapped[int | None] = mapped_column(BigInteger)
    free_bytes: Mapped[int | None] = mapped_column(BigInteger)
    is_full: Mapped[bool] = mapped_column(Boolean, server_default=false())


TENANT_STATES = ("provisioning", "active", "suspended", "deleting", "deleted", "failed")


class Tenant(Dated, CatalogBase):
    """A company and where its database is. `id` is opaque and public; `database` is opaque and never published.

    `epoch` counts the databases it has had. It grows when another database replaces the old one, which invalidates
    everything derived from the old one. A company that is neutral sends no mails. `reminded_on` is the last day, by its
    own clock, on which its people were reminded. One that went back behind a migration is not migrated again unless it
    is named.
    """

    __tablename__ = "tenant"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in TENANT_STATES)})", name="state"),
        Index("ix_tenant_unsettled", "state", postgresql_where="state NOT IN ('active', 'deleted')"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    server_id: Mapped[int] = mapped_column(Integer, ForeignKey("server.id"))
    database: Mapped[str] = mapped_column(Text, unique=True)
    schema_revision: Mapped[str | None] = mapped_column(Text)
    migrating_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    went_back_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    password_version: Mapped[int] = mapped_column(Integer, default=1)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    delete_after: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    epoch: Mapped[int] = mapped_column(Integer, server_default="1")
    is_neutral: Mapped[bool] = mapped_column(Boolean, server_default=false())
    reminded_on: Mapped[date | None] = mapped_column(Date)


class Login(Dated, CatalogBase):
    """A person. One login, whatever number of companies."""

    __tablename__ = "login"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    token_version: Mapped[int] = mapped_column(Integer, default=1)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    wants_reminders: Mapped[bool] = mapped_column(Boolean, server_default=true())


class Membership(Dated, CatalogBase):
    """The user-company map: who belongs to which company, in which role."""

    __tablename__ = "user_company_map"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name="role"),
        CheckConstraint("state IN ('active', 'removed')", name="state"),
    )

    user_id: Mapped[str] = mapped_column(
        "login_id", Text, ForeignKey("login.id", ondelete="CASCADE"), key="user_id", primary_key=True
    )
    tenant_id: Mapped[str] = mapped_column(
        Text, ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="active")


class RefreshFamily(CatalogBase):
    """One sign-in on one device and its chain of refresh tokens, of which only hashes are stored."""

    __tablename__ = "refresh_family"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[str] = mapped_column(
        "login_id", Text, ForeignKey("login.id", ondelete="CASCADE"), key="user_id", index=True
    )
    tenant_id: Mapped[str] = mapped_column(Text, ForeignKey("tenant.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    user_agent: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    rotated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Invitation(CatalogBase):
    """An invitation to a company. The row is deleted when it is accepted; only the hash of its token is stored."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name="role"),
        UniqueConstraint("tenant_id", "email_key"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Text, ForeignKey("tenant.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by: Mapped[str] = mapped_column(Text, ForeignKey("login.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class Registration(CatalogBase):
    """A registration made under an Idempotency-Key, so that a repeated request gets the same answer."""

    __tablename__ = "registration"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    user_id: Mapped[str] = mapped_column(
        "login_id", Text, ForeignKey("login.id", ondelete="CASCADE"), key="user_id"
    )
    tenant_id: Mapped[str] = mapped_column(Text, ForeignKey("tenant.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, index=True)


class Spare(CatalogBase):
    """A database created in advance. Its state is `making` until it can be claimed."""

    __tablename__ = "spare"
    __table_args__ = (CheckConstraint("state IN ('making', 'ready')", name="state"),)

    database: Mapped[str] = mapped_column(Text, primary_key=True)
    server_id: Mapped[int] = mapped_column(Integer, ForeignKey("server.id"))
    revision: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class RateLimitBucket(CatalogBase):
    """The attempts of one subject in the current window. The bucket's name is a keyed hash of the subject."""

    __tablename__ = "attempts"

    bucket: Mapped[str] = mapped_column(Text, primary_key=True)
    window_started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    count: Mapped[int] = mapped_column(BigInteger)


class Backup(CatalogBase):
    """A backup, and when it was last proven by restoring it. It outlives its company."""

    __tablename__ = "backup"
    __table_args__ = (Index("ix_backup_tenant_id", "tenant_id", "made_at"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text)
    manifest_file: Mapped[str] = mapped_column(Text, unique=True)
    sha256: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    schema_revision: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    proven_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    problem: Mapped[str | None] = mapped_column(Text)


#: Whether a backup could be restored when that was last tried, and has been.
IS_SOUND = Backup.proven_at.is_not(None) & Backup.problem.is_(None)


class SetAside(CatalogBase):
    """A database that no company uses: still being restored; replaced by a restored or moved one; or copied before a
    migration. The latter are kept for a while."""

    __tablename__ = "set_aside"
    __table_args__ = (
        CheckConstraint("purpose IN ('restoring', 'retired', 'moved', 'copied')", name="purpose"),
    )

    database: Mapped[str] = mapped_column(Text, primary_key=True)
    server_id: Mapped[int] = mapped_column(Integer, ForeignKey("server.id"))
    tenant_id: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    drop_after: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class Mail(CatalogBase):
    """A mail in the outbox: written in the transaction that gives the reason for it, sent by a worker."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_due_at", "due_at", postgresql_where="sent_at IS NULL"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tenant_id: Mapped[str | None] = mapped_column(
        Text, ForeignKey("tenant.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    problem: Mapped[str | None] = mapped_column(Text)


class PasswordReset(CatalogBase):
    """A request for a new password. It has no token until a worker has looked up the address; only the token's hash is
    stored."""

    __tablename__ = "password_reset"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    email_key: Mapped[str] = mapped_column(Text)
    user_id: Mapped[str | None] = mapped_column(
        "login_id", Text, ForeignKey("login.id", ondelete="CASCADE"), key="user_id", index=True
    )
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
