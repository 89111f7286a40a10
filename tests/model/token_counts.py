"""Texts written for this test, with their length in tokens.

Each count is the largest of those by the tokenizers cl100k, o200k, Llama 3, Qwen 2, Qwen 3 and Tekken.
"""
# ruff: noqa: E501, RUF001 - the texts stand as they were counted

COUNTED: tuple[tuple[str, str, int], ...] = (
    (
        "english",
        "The customer asks why a fee of twelve euros was charged last month. She says that she had cancelled the card in March and never used it again. Please check the account and tell her what happened, and whether the fee can be returned.",
        48,
    ),
    (
        "german",
        "Die Kundin fragt, warum im letzten Monat eine Gebühr von zwölf Euro abgebucht wurde. Sie sagt, dass sie die Karte bereits im März gekündigt und danach nie wieder benutzt habe. Bitte prüfen Sie das Konto und erklären Sie ihr, was geschehen ist.",
        69,
    ),
    (
        "french",
        "La cliente demande pourquoi des frais de douze euros ont été prélevés le mois dernier. Elle affirme avoir résilié la carte en mars et ne l’avoir jamais réutilisée. Vérifiez le compte et expliquez-lui ce qui s’est passé.",
        60,
    ),
    (
        "polish",
        "Klientka pyta, dlaczego w zeszłym miesiącu pobrano opłatę w wysokości dwunastu euro. Twierdzi, że w marcu zrezygnowała z karty i nigdy więcej jej nie używała.",
        62,
    ),
    (
        "turkish",
        "Müşteri, geçen ay neden on iki avroluk bir ücret alındığını soruyor. Kartı mart ayında iptal ettiğini ve bir daha hiç kullanmadığını söylüyor.",
        53,
    ),
    (
        "finnish",
        "Asiakas kysyy, miksi viime kuussa veloitettiin kahdentoista euron maksu. Hän sanoo peruuttaneensa kortin maaliskuussa eikä käyttäneensä sitä enää.",
        59,
    ),
    (
        "vietnamese",
        "Khách hàng hỏi vì sao tháng trước bị thu phí mười hai euro. Bà nói rằng đã hủy thẻ vào tháng ba và không bao giờ dùng lại.",
        57,
    ),
    (
        "russian",
        "Клиентка спрашивает, почему в прошлом месяце была списана комиссия в двенадцать евро. Она говорит, что отменила карту в марте и больше ею не пользовалась.",
        74,
    ),
    (
        "greek",
        "Η πελάτισσα ρωτά γιατί τον περασμένο μήνα χρεώθηκε προμήθεια δώδεκα ευρώ. Λέει ότι είχε ακυρώσει την κάρτα τον Μάρτιο.",
        110,
    ),
    (
        "arabic",
        "تسأل العميلة عن سبب خصم رسوم قدرها اثنا عشر يورو في الشهر الماضي. وتقول إنها ألغت البطاقة في مارس ولم تستخدمها بعد ذلك.",
        86,
    ),
    (
        "hebrew",
        "הלקוחה שואלת מדוע נגבתה בחודש שעבר עמלה של שנים עשר אירו. היא אומרת שביטלה את הכרטיס במרץ ולא השתמשה בו שוב.",
        97,
    ),
    (
        "hindi",
        "ग्राहक पूछ रही है कि पिछले महीने बारह यूरो का शुल्क क्यों लिया गया। वह कहती है कि उसने मार्च में कार्ड रद्द कर दिया था।",
        114,
    ),
    ("thai", "ลูกค้าถามว่าทำไมเดือนที่แล้วจึงถูกเรียกเก็บค่าธรรมเนียมสิบสองยูโร เธอบอกว่าได้ยกเลิกบัตรในเดือนมีนาคมแล้ว", 98),
    (
        "chinese",
        "客户询问上个月为什么被收取了十二欧元的费用。她说她在三月份就已经取消了这张卡，之后再也没有使用过。请检查账户并向她说明情况。",
        66,
    ),
    (
        "japanese",
        "お客様は、先月なぜ十二ユーロの手数料が請求されたのかを尋ねています。三月にカードを解約し、その後は一度も使っていないとのことです。",
        67,
    ),
    (
        "korean",
        "고객은 지난달에 왜 12유로의 수수료가 청구되었는지 묻고 있습니다. 3월에 카드를 해지했고 그 이후로 사용한 적이 없다고 합니다.",
        68,
    ),
    ("tamil", "கடந்த மாதம் பன்னிரண்டு யூரோ கட்டணம் ஏன் வசூலிக்கப்பட்டது என்று வாடிக்கையாளர் கேட்கிறார்.", 121),
    ("amharic", "ደንበኛዋ ባለፈው ወር ለምን አሥራ ሁለት ዩሮ እንደተከፈለ ትጠይቃለች።", 108),
    ("georgian", "მომხმარებელი კითხულობს, რატომ ჩამოეჭრა გასულ თვეს თორმეტი ევრო.", 117),
    ("emoji", "😀🎉👍🏽👩‍👩‍👧‍👦🇩🇪🔥✨🙏🏾", 58),
    ("digits", "4929 1234 5678 9012, 31.03.2026, 1,284.50, 0.000017, 2026-11-23T12:00:00Z", 73),
    (
        "html",
        '<table class="x"><tr><td>Fee</td><td>12,00&nbsp;EUR</td></tr></table><table class="x"><tr><td>Fee</td><td>12,00&nbsp;EUR</td></tr></table><table class="x"><tr><td>Fee</td><td>12,00&nbsp;EUR</td></tr></table>',
        93,
    ),
    (
        "base64",
        "H0D8ktokFpR1CXnubPWC8tXX0o4YM13gWrxU0FYOD1MChgxlK/CNVgJSql50IQVG82n7u86MEs/HlXsmUv6adR9A/JLaJBaUdQl57mz1gvLV19KOGDNd4Fq8VNBWDg9TAoYMZSvwjVYCUqpedCEFRvNp+7vOjBLPx5V7JlL+mnUfQPyS2iQWlHUJee5s9YLy1dfSjhgzXeBavFTQVg4PUwKGDGUr8I1WAlKqXnQhBUbzafu7zowSz8eVeyZS/pp1",
        201,
    ),
    (
        "uuids",
        "93b885ad-fe0d-a089-cdf6-34904fd59f71 55a54008-ad1b-a589-aa21-0d2629c1df41 9e688c58-a548-7b8e-af69-c9e1005ad0bf 86666835-06aa-cd90-0bbd-5a74ac4edf68 ec7f7e7b-b437-42ce-8681-45f71d37b53c 8bb6c178-3864-3f96-91cc-6a4de6c51709 06eca1b4-37c7-904c-c3ce-6546c8110110 89e74e64-0b8c-4625-7a29-de0616794d5d",
        260,
    ),
    (
        "upper",
        "ATTENTION: THIS ACCOUNT HAS BEEN BLOCKED. PLEASE CALL THE NUMBER ON YOUR CARD AT ONCE, AND HAVE YOUR IDENTIFICATION READY.",
        37,
    ),
    ("punct", "!!!???...---***///&&&%%%$$$###@@@((()))[[[]]]{{{}}}<<<>>>", 27),
    (
        "names",
        "Krzysztof Brzęczyszczykiewicz, Łękołody; Þorbjörg Guðmundsdóttir; Nguyễn Thị Phương; Xóchitl Ixtlilxóchitl",
        60,
    ),
    (
        "spaces",
        "a          b\n\n\n\n\n\t\t\tc         a          b\n\n\n\n\n\t\t\tc         a          b\n\n\n\n\n\t\t\tc         a          b\n\n\n\n\n\t\t\tc         a          b\n\n\n\n\n\t\t\tc         ",
        35,
    ),
    ("cyr_caps", "ВНИМАНИЕ! ВАША КАРТА ЗАБЛОКИРОВАНА. ПОЗВОНИТЕ ПО НОМЕРУ НА ОБОРОТЕ.", 60),
    ("math", "∀x∈ℝ: ∑ᵢ xᵢ² ≥ 0 ∧ ∫₀^∞ e^{-x} dx = 1 → √2 ≈ 1.41421", 51),
    ("rare", "𒀀𒀁𒀂𓀀𓀁𓂀𐍈𐌰", 32),
)
