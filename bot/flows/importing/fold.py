"""Folding: one form for full-width, Traditional and upper-case writing, so that headings and words can be compared."""

import unicodedata
from functools import lru_cache

_TRADITIONAL = str.maketrans(
    "業費電車樓棟單號應繳實賬帳戶間聯絡話機維氣項類備註額總計產權東時結書證參類數區閣層樁稱繫銀託協議訴應畢過讓"
    "鋪舖別墅幢門牌種語簡體繁點開發憑據編碼碼備記錄減優惠違約滯納師傅聲請處歷應屬於於與務經辦員會齊報標準"
    "範圍衛獨傳絡線載際際關係錢給館廠場壞專訟並個們從來對將帶當後後為無現離難難風飛麼麽齡龍儲貳還進遠運達遞選邊鄰",
    "业费电车楼栋单号应缴实账账户间联络话机维气项类备注额总计产权东时结书证参类数区阁层桩称系银托协议诉应毕过让"
    "铺铺别墅幢门牌种语简体繁点开发凭据编码码备记录减优惠违约滞纳师傅声请处历应属于于与务经办员会齐报标准"
    "范围卫独传络线载际际关系钱给馆厂场坏专讼并个们从来对将带当后后为无现离难难风飞么么龄龙储贰还进远运达递选边邻",
)


@lru_cache(maxsize=65_536)
def folded(said: str) -> str:
    """NFKC, lower case, Traditional characters of the trade's words as Simplified, outer blanks gone."""
    return unicodedata.normalize("NFKC", said).lower().translate(_TRADITIONAL).strip()
