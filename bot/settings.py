"""Settings, from the environment or a `.env` file. Every one is told in `.env.example`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

NOTHING = SecretStr("")
HOME = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What this house is told from outside. In ``sandbox`` nothing real is ever reached."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", populate_by_name=True, env_ignore_empty=True)

    environment: Literal["sandbox", "production"] = "sandbox"
    database_url: str = "sqlite:///var/yinuo.db"
    var: Path = Field(default=Path("var"), validation_alias="YINUO_VAR")
    port: int = Field(default=8400, validation_alias="YINUO_PORT")
    host: str = Field(default="127.0.0.1", validation_alias="YINUO_HOST")
    public_url: str = Field(default="", validation_alias="PUBLIC_URL")
    keys: SecretStr = Field(default=NOTHING, validation_alias="YINUO_KEYS")
    keys_file: Path | None = Field(default=None, validation_alias="YINUO_KEYS_FILE")
    scripts_dir: Path | None = None
    sandbox_url: str = ""
    concurrency: int = Field(default=32, validation_alias="YINUO_CONCURRENCY")
    lease_seconds: int = Field(default=120, validation_alias="YINUO_LEASE_SECONDS")
    retention_years: int = Field(default=5, ge=4, validation_alias="YINUO_RETENTION_YEARS")
    """How long contents are kept; always longer than the three years of limitation (Civil Code 188)."""
    heartbeat_url: str = Field(default="", validation_alias="HEARTBEAT_URL")
    """Asked every five minutes, only while the audit is clean; silence is the alarm."""
    https_proxy: str = Field(default="", validation_alias="YINUO_HTTPS_PROXY")

    telegram_token: SecretStr = NOTHING
    telegram_secret: SecretStr = NOTHING
    telegram_polling: bool = False
    telegram_url: str = "https://api.telegram.org"
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = NOTHING
    twilio_from: str = ""
    twilio_messaging_service: str = ""
    twilio_per_second: int = 10
    twilio_url: str = "https://api.twilio.com"
    wechat_appid: str = ""
    wechat_secret: SecretStr = NOTHING
    wechat_token: SecretStr = NOTHING
    wechat_aes_key: SecretStr = NOTHING
    wechat_url: str = "https://api.weixin.qq.com"
    wecom_robot: bool = False
    wecom_robot_key: SecretStr = NOTHING
    wecom_url: str = "https://qyapi.weixin.qq.com"

    @property
    def scripts(self) -> Path:
        """The folder of shipped wordings: beside bot/, or SCRIPTS_DIR."""
        return self.scripts_dir or HOME / "scripts"

    @property
    def sandbox_folder(self) -> Path:
        return self.var / "sandbox"

    @property
    def public(self) -> str:
        """The address the world reaches us at."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_base(self) -> str:
        return self.sandbox_url.rstrip("/") or f"http://127.0.0.1:{self.port + 1}"
