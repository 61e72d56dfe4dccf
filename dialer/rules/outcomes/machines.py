"""Words by which an answering machine is known, in English and Spanish."""

from dialer.rules.outcomes.phrases import phrase

_BOX = r"(?:mailbox|voice ?mail|voice mailbox|inbox)"
_YOU_CALL = r"(?:you are|youre|you have|youve) (?:calling|trying to (?:reach|call)|dialed|called)"

GREETINGS = (
    phrase(r"\b(?:after|at) the (?:tone|beep)\b"),
    phrase(
        r"\bleave (?:me |us )?(?:a |an |your |the ){0,2}(?:brief |short |detailed |quick )?"
        r"(?:message|name)(?: \w+){0,8} (?:and|so|as soon as|when)(?: \w+){0,4} "
        r"(?:get back|call (?:you )?back|return your call)"
    ),
    phrase(
        r"\b(?:well|ill|we will|i will) (?:get back to you|return your call|call you back)"
        r"(?: \w+){0,2} as soon as"
    ),
    phrase(r"\brecord (?:your|a) (?:message|name)\b"),
    phrase(
        rf"\b{_BOX} (?:for this number )?(?:is full|is not set up|"
        r"(?:that )?has not been set up|hasnt been set up)\b"
    ),
    phrase(rf"\byou(?:ve| have) reached (?:the )?(?:\w+ ){{0,3}}?{_BOX}\b"),
    phrase(r"\bforwarded to (?:an? |the )?(?:automated )?(?:voice ?messag\w+|voice ?mail)"),
    phrase(
        r"\b(?:cant|cannot|can not|unable to) "
        r"(?:come to the phone|take your call|answer your call|get to the phone)"
    ),
    phrase(
        rf"\b(?:person|party|customer|subscriber|number) (?:that )?{_YOU_CALL} "
        r"(?:is|cannot|can not|has)\b"
    ),
    phrase(r"\bdeje (?:su|un|el) (?:mensaje|recado|nombre)\b"),
    phrase(r"\b(?:despues|al escuchar|al oir)(?: del?| el)? (?:tono|senal|bip)\b"),
    phrase(r"\bbuzon de (?:voz|mensajes)\b"),
    phrase(
        r"\bno (?:esta disponible|puede contestar|puedo contestar|podemos contestar|"
        r"puedo atender|podemos atender)(?: \w+){0,3} (?:deje|llamada|momento)"
    ),
)
"""Said by a machine, or by a person who speaks of one: see how `heard.machine` tells."""
