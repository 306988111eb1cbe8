"""The twelve countries of the demo company's contacts: names, streets and telephone numbers.

Everything is made up. Domains are those that RFC 2606 reserves; German, British and American telephone numbers are
from the ranges reserved for fiction.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoCountry:
    """A country as the demo needs it.

    Names are "as written" or "as written|in Latin letters". `phone` has a # for each random digit,
    `street` is the format of street and number. `cities` are (city, postal code, region).
    """

    code: str
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    organizations: tuple[str, ...]
    cities: tuple[tuple[str, str, str | None], ...]
    streets: tuple[str, ...]
    phone: str
    street: str = "{street} {number}"


COUNTRIES = (
    DemoCountry(
        "DE",
        ("Anna", "Jürgen", "Käthe", "Sören", "Lena", "Götz", "Friederike", "Mehmet"),
        ("Müller", "Weiß", "Krüger", "Yılmaz", "von der Heide", "Schäfer", "Öztürk", "Berg"),
        (
            "Nordlicht Maschinenbau GmbH|nordlicht",
            "Bäckerei Süßmann KG|suessmann",
            "Hafenkontor Übersee AG|hafenkontor",
        ),
        (("Berlin", "10115", None), ("Köln", "50667", None), ("Lübeck", "23552", "Schleswig-Holstein")),
        ("Lindenstraße", "Am Mühlengraben", "Große Gröpelgrube"),
        "030 23125 ###",
    ),
    DemoCountry(
        "FR",
        ("Élodie", "François", "Zoë", "Loïc", "Hélène", "Théo", "Noémie", "Gaël"),
        ("Lefèvre", "D'Aubigné", "Garçon", "Dupré", "Le Goff", "Benoît", "Saint-Exupère", "Moreau"),
        ("Ateliers Béranger|beranger", "Fromagerie des Alpes|fromagerie"),
        (("Paris", "75011", None), ("Besançon", "25000", "Bourgogne-Franche-Comté")),
        ("rue de l'Église", "boulevard Voltaire"),
        "01 42 ## ## ##",
        "{number}, {street}",
    ),
    DemoCountry(
        "PL",
        ("Łukasz", "Małgorzata", "Paweł", "Żaneta", "Michał", "Agnieszka", "Grażyna", "Jędrzej"),
        ("Wiśniewski", "Dąbrowska", "Wójcik", "Kaźmierczak", "Szczęsny", "Jabłońska", "Zięba", "Kowalczyk"),
        ("Hurtownia Książek Sowa|sowa", "Młyn Źródło sp. z o.o.|zrodlo"),
        (("Łódź", "90-001", None), ("Kraków", "31-008", "Małopolska")),
        ("ul. Piotrkowska", "ul. Świętego Jana"),
        "22 695 ## ##",
    ),
    DemoCountry(
        "GR",
        (
            "Ελένη|eleni",
            "Γιώργος|giorgos",
            "Σοφία|sofia",
            "Νίκος|nikos",
            "Αναστασία|anastasia",
            "Δημήτρης|dimitris",
        ),
        ("Παπαδόπουλος|papadopoulos", "Γεωργίου|georgiou", "Οικονόμου|oikonomou", "Καραγιάννης|karagiannis"),
        ("Ελαιώνες Αιγαίου ΑΕ|elaiones", "Ναυτιλιακή Θάλασσα|thalassa"),
        (("Αθήνα", "105 57", None), ("Θεσσαλονίκη", "546 24", None)),
        ("Ερμού", "Τσιμισκή"),
        "210 323 ####",
    ),
    DemoCountry(
        "JP",
        ("太郎|taro", "花子|hanako", "健|ken", "美咲|misaki", "翔太|shota", "さくら|sakura"),
        ("山田|yamada", "佐藤|sato", "高橋|takahashi", "渡辺|watanabe", "小林|kobayashi", "加藤|kato"),
        ("株式会社青空製作所|aozora", "ミドリ出版|midori"),
        (("千代田区", "100-0005", "東京都"), ("大阪市", "530-0001", "大阪府")),
        ("丸の内1丁目", "梅田2丁目"),
        "03-3211-####",
        "{street}{number}番",
    ),
    DemoCountry(
        "CN",
        ("伟|wei", "芳|fang", "秀英|xiuying", "磊|lei", "丽|li", "建国|jianguo"),
        ("王|wang", "李|li", "张|zhang", "刘|liu", "欧阳|ouyang", "陈|chen"),
        ("北京长城贸易有限公司|changcheng", "上海东方设计|dongfang"),
        (("北京", "100006", None), ("上海", "200001", None)),
        ("王府井大街", "南京东路"),
        "010 6552 ####",
        "{street}{number}号",
    ),
    DemoCountry(
        "EG",
        ("أحمد|ahmed", "فاطمة|fatma", "محمود|mahmoud", "ليلى|layla", "يوسف|youssef", "مريم|mariam"),
        ("حسن|hassan", "إبراهيم|ibrahim", "عبد الرحمن|abdelrahman", "المصري|elmasry", "سليمان|soliman"),
        ("شركة النيل للتجارة|alnil", "مكتبة الإسكندرية الحديثة|maktaba"),
        (("القاهرة", "11511", None), ("الإسكندرية", "21500", None)),
        ("شارع التحرير", "شارع قصر النيل"),
        "02 2575 ####",
    ),
    DemoCountry(
        "IL",
        ("נועה|noa", "דוד|david", "תמר|tamar", "יוסף|yosef", "מיכל|michal", "אורי|ori"),
        ("כהן|cohen", "לוי|levi", "מזרחי|mizrahi", "פרץ|peretz", "ביטון|biton"),
        ("גן ירוק בע״מ|ganyarok", "ספרי הים|sifreihayam"),
        (("תל אביב", "6688101", None), ("חיפה", "3303301", None)),
        ("רחוב הרצל", "שדרות רוטשילד"),
        "03-624-####",
    ),
    DemoCountry(
        "IN",
        ("आरव|aarav", "प्रिया|priya", "राहुल|rahul", "अनन्या|ananya", "विक्रम|vikram", "दीपिका|deepika"),
        ("शर्मा|sharma", "पटेल|patel", "सिंह|singh", "गुप्ता|gupta", "मिश्रा|mishra"),
        ("गंगा टेक्सटाइल्स|ganga", "Lotus Spice Exports Pvt Ltd|lotus"),
        (("मुंबई", "400001", "महाराष्ट्र"), ("New Delhi", "110001", "Delhi")),
        ("महात्मा गांधी मार्ग", "Janpath"),
        "022 2202 ####",
        "{number}, {street}",
    ),
    DemoCountry(
        "BR",
        ("João", "Conceição", "Luís", "Inês", "Thiago", "Lívia", "Antônio", "Júlia"),
        ("Gonçalves", "Araújo", "Guimarães", "de Assunção", "Simões", "Brandão", "Magalhães", "Conceição"),
        ("Café Serra Azul Ltda|serraazul", "Construções Ipê|ipe"),
        (("São Paulo", "01310-100", "SP"), ("Florianópolis", "88010-400", "SC")),
        ("Avenida Paulista", "Rua das Acácias"),
        "(11) 3061-####",
        "{street}, {number}",
    ),
    DemoCountry(
        "GB",
        ("Siobhán", "Oliver", "Zoë", "Rhys", "Beatrice", "Callum", "Imogen", "Dafydd"),
        ("O'Connor", "MacLeod", "Llewellyn", "Smith-Jones", "Okonkwo", "Patel", "Featherstone", "Brontë"),
        ("Thistle & Rye Ltd|thistle", "Harbour Lane Books|harbourlane"),
        (("London", "EC1A 1BB", None), ("Edinburgh", "EH1 1YZ", None)),
        ("Chancery Lane", "St Mary's Street"),
        "020 7946 0###",
        "{number} {street}",
    ),
    DemoCountry(
        "US",
        ("Renée", "José", "Latoya", "Hunter", "Mai-Linh", "Chloë", "Wyatt", "Tamika"),
        ("Muñoz", "Nguyễn", "McAllister", "Begay", "Washington", "O'Neill", "Kealoha", "Peña"),
        ("Redwood Analytics Inc.|redwood", "Blue Mesa Outfitters LLC|bluemesa"),
        (("New York", "10001", "NY"), ("Santa Fe", "87501", "NM")),
        ("Broadway", "Cañon Road"),
        "(212) 555-01##",
        "{number} {street}",
    ),
)

JOB_TITLES = (
    "Managing director",
    "Head of purchasing",
    "Accountant",
    "IT administrator",
    "Project lead",
    "Sales representative",
    "Office manager",
    "Quality engineer",
)
DEPARTMENTS = ("Management", "Purchasing", "Finance", "IT", "Projects", "Sales", None)
TAGS = ("customer", "prospect", "supplier", "press", "partner", "newsletter", "VIP")
SOURCES = ("Trade fair", "Website", "Recommendation", "Cold call", None)
NOTES = (
    "Prefers to be called in the morning.",
    "Met at the spring fair; asked for the **new price list**.\n\n- sends samples back\n- pays on time",
    "Speaks English, but likes a greeting in her own language.",
    "Invoice by post, please. *Not* by e-mail.",
)
