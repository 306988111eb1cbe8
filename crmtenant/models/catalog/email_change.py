"""Changes of sign-in addresses that wait to be confirmed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.catalog.tables import CatalogBase


class EmailChange(CatalogBase):
    """The address that a person wants to sign in with, one at a time. It has no token until a worker has mailed one;
    only the token's hash is stored."""

    __tablename__ = "email_change"

    user_id: Mapped[str] = mapped_column(
        "login_id", Text, ForeignKey("login.id", ondelete="CASCADE"), key="user_id", primary_key=True
    )
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
