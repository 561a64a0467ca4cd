"""The sandbox's fixed accounts: worthless outside it, and the same on every machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the service must present, and what the sandbox signs its callbacks with."""

    twilio_account_sid: str = "AC" + "5a4db0c5" * 4
    twilio_auth_token: str = "5a4db0c55a4db0c55a4db0c55a4db0c5"
    twilio_from: str = "+15005550006"
    twilio_service_sid: str = "MG" + "5a4db0c5" * 4
    telegram_token: str = "700001:SANDBOX-yinuo-not-a-secret-000000000"
    telegram_username: str = "yinuo_sandbox_bot"
    telegram_secret: str = "sandbox-telegram-secret"
    """Proposed to the service for setWebhook; the sandbox pushes whatever setWebhook named."""
    wechat_appid: str = "wx5a4db0c55a4db0c5"
    wechat_secret: str = "5a4db0c55a4db0c55a4db0c5wechat00"
    wechat_token: str = "sandboxWechatToken"
    wechat_aes_key: str = "yinuoSandboxWechatAesKey0123456789abcdefghA"
    wechat_account: str = "gh_5a4db0c55a4d"
    wecom_corp_id: str = "ww5a4db0c55a4db0c5"
    wecom_secret: str = "sandbox-wecom-app-secret-000000000000000000"
    wecom_agent_id: int = 1000002
    wecom_token: str = "sandboxWecomToken"
    wecom_aes_key: str = "yinuoSandboxWecomAesKey00123456789abcdefghA"
    wecom_robot_key: str = "5a4db0c5-0000-4000-8000-00005a4db0c5"

    @property
    def telegram_bot_id(self) -> int:
        """The number before the colon of the token."""
        return int(self.telegram_token.split(":", 1)[0])


DEFAULT = Credentials()
