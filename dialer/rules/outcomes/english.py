"""English phrases: not to be called again, and that the number is the wrong one."""

from dialer.rules.outcomes.phrases import phrase

_NUMBER = (
    r"(?:\d\w*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight|"
    r"dark|"
    r"dinner|lunch|breakfast|supper|work|school|church|bedtime|hours|tomorrow|(?:next |the )?"
    r"(?:week\w*|month|year|holidays|mon\w*day|tues\w*|wednes\w*|thurs\w*|fri\w*|satur\w*|sun\w*))"
)
_HOUR = (
    r"(?:(?:so|this|that|too|as) (?:early|late|often|much)|later|early|"
    rf"(?:before|after|until|till|til|past|between|around|by|at) "
    rf"(?:like |about |maybe )?{_NUMBER}|"
    r"(?:before|until|till|til) |at (?:night|this hour|this time|these hours|that time|that hour)|"
    r"in the (?:\w+ )?(?:mornings?|afternoons?|evenings?|middle)|in an? |earlier than|later than|"
    r"(?:on )?(?:the )?(?:weekends?|weeknights?|weekdays|holidays|mondays?|tuesdays?|wednesdays?|"
    r"thursdays?|fridays?|saturdays?|sundays?)|first thing|during|while|when |whenever|more than|"
    r"every (?:five|ten|\d+) minutes)\b"
)
_SOON = (
    r"(?:today|tonight|tomorrow|now|right now|right this|at the moment|yet|next |"
    r"this (?:week|month|morning|afternoon|evening|weekend|minute|second|time)|"
    r"for (?:a |an |another |the next |the rest |now|awhile|\d|two|three|six))"
)
_CALLED = (
    r"(?: (?:me|us|here|back|again|him|her|them|this (?:number|phone)|my (?:\w+ )?"
    r"(?:number|phone|cell|home|house))){0,4}"
)
_NAMES = (
    r"(?: (?:me|us|him|her))? (?:sir|maam|mam|madam|mister|mr|mrs|miss|ms|doctor|honey|sweet\w+|"
    r"dear|baby|names|by |an |a (?!second|third|fourth|single|day|week|dozen|hundred|thousand|"
    r"million|lot|few|bunch)|crazy|stupid|old|that$)"
)
_MINE = r"(?:number|phone|cell|cellphone|mobile|line|landline|house|home|office|work|job|place)"
_OTHERS_TIME = rf"{_CALLED} (?:{_HOUR})|{_NAMES}"
_NOT_NOW = rf"{_CALLED} (?:{_HOUR}|{_SOON})|{_NAMES}"
_NEGATED = (
    r"(?:^|(?:^| )(?!you |yall |why )\w+ )(?:do not|dont|did not|didnt|does not|doesnt|will not|"
    r"wont|would not|wouldnt|cannot|can not|cant|couldnt|never|not)"
    r"(?: (?:to|want to|want you to|need to|need you to|have to|going to|gonna))? "
)
_NOT_IMPERATIVE = (
    r"\b(?:i|ill|we|you|yall|they|he|she|it|who|people|somebody|folks|friends|kids) "
    r"(?:also |usually |normally |often |almost )?"
)
_CALL = r"(?:call|phone|ring|dial|contact|bother|harass|disturb|solicit)"
_CALLING = r"(?:calling|phoning|ringing|dialing|contacting|bothering|harassing|pestering|spamming)"
_OBJECT = r"(?= (?:me|us|here|back|again|any ?more|this|that|my|our|him|her|them|no more)\b|$)"
_ELSE = (
    rf" (?:my|our) (?!(?:\w+ )?{_MINE}\b)|"
    r" (?:this|that) (?!number|phone|line|house|place|again|any ?more|home|residence|$)"
)
_LISTS = (
    r"(?:lists?|databases?|data base|systems?|records?|books|dialer|files?|directory|crm|contacts)"
)
_ENTRY = (
    r"(?:me|us|it|him|her|that number|the number|"
    r"(?:my|our|this) (?:\w+ )?(?:numbers?|name|phone|cell|info\w*|details|contact|data|line))"
)
_UNWANTED = r"(?:do not|dont|never|no longer|didnt)"

OPT_OUTS = (
    phrase(
        rf"\b(?:stop|quit|cease) {_CALLING}\b",
        before=_NEGATED,
        after=rf"{_OTHERS_TIME}| (?:it|yourself|myself)\b|{_ELSE}",
    ),
    phrase(
        rf"\b(?:do not|dont|never) {_CALL}\b{_OBJECT}",
        before=_NOT_IMPERATIVE,
        after=rf"{_NOT_NOW}|{_ELSE}",
    ),
    phrase(
        rf"\byou (?:do not|dont|must not|cannot|cant|better not|should not|shouldnt) {_CALL}"
        r"(?: (?:me|us|here|this number|back)){0,2} (?:again|any ?more|no more)\b",
        before=r"\b(?:if|when|so) ",
        after=_NOT_NOW,
    ),
    phrase(rf"\bnot to {_CALL} (?:me|us|here|back|again|any ?more|this number)\b", after=_NOT_NOW),
    phrase(r"\bnot to be (?:called|contacted|phoned|bothered)\b", after=_NOT_NOW),
    phrase(
        r"\b(?:rather|prefer|appreciate it if|like it if|appreciate if|like for) (?:that )?"
        r"(?:you|yall)(?: to)? (?:did not|didnt|do not|dont|not|never|would not|wouldnt)(?: to)? "
        rf"{_CALL}\b",
        after=_NOT_NOW,
    ),
    phrase(r"\bdont bother (?:calling|phoning)\b", before=_NOT_IMPERATIVE, after=_NOT_NOW),
    phrase(
        rf"\b(?:take|taking|taken|get|keep|remove|removing|removed|delete|drop|scratch|strike|"
        rf"pull|cross) {_ENTRY} (?:\w+ ){{0,2}}?(?:off|from|out of|outta) (?:of )?"
        rf"(?:(?!wait|guest|price|parts|tax|court|do\b|not\b|no\b|dnc)\w+ ){{0,3}}?{_LISTS}\b",
        before=_NEGATED,
    ),
    phrase(
        r"\b(?:take (?:me|us) off(?: (?:of )?(?:this|that|it|there))?|"
        r"remove (?:me|us|my name)(?: from (?:this|that|it|there|everything))?)(?= and\b|$)",
        before=_NEGATED,
    ),
    phrase(
        r"\b(?:remove|delete|erase|drop|scratch) (?:my|our|this) (?:\w+ )?"
        r"(?:numbers?|phone|contact|info|information|data)\b",
        before=_NEGATED,
        after=r" (?:of|on|in|from (?:the |my |this |that )?(?:quote|form|invoice|order|account|"
        r"contract|website|ad|listing|bill|deed|lease|policy))\b",
    ),
    phrase(r"\btake (?:my|our|this) (?:\w+ )?(?:number|phone) off\b", before=_NEGATED),
    phrase(
        r"^(?:and |so |then |now |you can |you should |you need to |you guys need to )?"
        r"(?:lose|forget) (?:my|our|this) (?:\w+ )?number\b"
    ),
    phrase(
        r"\bopt(?:ing|ed)? (?:me |us )?out\b",
        before=_NEGATED,
        after=r" (?:of|from) (?!(?:\w+ )?(?:\w+ )?(?:calls?|calling|contact\w*|all|everything|"
        r"being|getting|receiving|marketing|communications?|it|this|lists?)\b)",
    ),
    phrase(r"\bunsubscribe\b", before=_NEGATED),
    phrase(
        r"\b(?:do not|dont|no) call (?:list|registry|register)\b|\bdnc\b",
        before=r"\b(?:off|from|not on|never on|arent on|isnt on|wasnt on)(?: of)?"
        r"(?: (?:the|a|any|your|that|my))?(?: (?:national|federal|state|internal)){0,2} ",
    ),
    phrase(
        r"\b(?:no|not any) (?:more|further|additional) (?:\w+ )?calls?\b",
        before=r"\b(?:had|have|got|get|gotten|were|was|are|received|be|ive) ",
        after=rf" (?:on|for) (?:the |my |your )?(?:schedule|calendar)|{_NOT_NOW}",
    ),
    phrase(
        rf"\b{_UNWANTED} (?:want|wish|like|care|appreciate)(?: (?:for|to|any|another|more|your|"
        r"these|further|a|get|getting|receive|receiving|have|be|answer|take|all)){0,4}"
        r" (?:phone |sales |marketing |unsolicited |cold |robo )?(?:calls?|calling|robocalls)\b",
        after=_NOT_NOW,
    ),
    phrase(
        rf"\b{_UNWANTED} (?:want|wish|like|appreciate)(?: to be| being) (?:\w+ )?"
        r"(?:called|contacted|bothered|phoned|disturbed|solicited)\b",
        after=_NOT_NOW,
    ),
    phrase(
        rf"\b{_UNWANTED} want (?:you|yall|anyone|anybody|someone|somebody)(?: \w+){{0,2}}? "
        r"(?:calling|contacting|to (?:call|contact|keep calling|be calling))\b",
        after=rf"{_NOT_NOW}|{_ELSE}",
    ),
    phrase(rf"\b{_UNWANTED} want to hear from (?:you|yall|your)\b", after=_NOT_NOW),
    phrase(
        r"\b(?:stop|end|cease) (?:with |making |all |sending ){0,2}"
        r"(?:the |these |those |your |all |any ){0,2}(?:\w+ )?calls\b",
        before=_NEGATED,
        after=_OTHERS_TIME,
    ),
    phrase(
        r"\b(?:these|the|your|all)(?: \w+)? calls (?:to stop|must stop|has to stop|have to stop|"
        r"need to stop|needs to stop|gotta stop)\b",
    ),
    phrase(r"\bcease and desist\b"),
    phrase(
        r"\b(?:revoke|revoking|withdraw|withdrawing) (?:\w+ ){0,2}(?:consent|permission)\b",
        before=_NEGATED,
    ),
    phrase(
        r"\b(?:do not|dont) (?:consent|agree) to (?:\w+ ){0,2}"
        r"(?:calls?|called|calling|contact\w*)\b",
        after=r" (?:being|is|are) recorded",
    ),
    phrase(
        r"\b(?:do not|dont|never had|never gave you|didnt give you) (?:have )?(?:my |any )?"
        r"(?:consent|permission) to (?:call|contact)\b"
    ),
    phrase(r"\bleave (?:me|us) alone\b", before=_NEGATED, after=_NOT_NOW),
)

_MISTAKE = (
    r"\b(?:i|ive|we|weve) (?:have |had |must have |may have |might have |probably |"
    r"accidentally |think i ){0,2}(?:gave|give|put|wrote|typed|entered|dialed|called|left|"
    r"filled|listed|used|got|get|saw|copied|had|have)(?: (?:you|them|in|down|out|it)){0,2} "
    r"(?:the |a |my )?"
)
_NOT_WRONG = (
    r"\b(?:not|isnt|arent|wasnt|havent|dont|didnt)(?: (?:have|got|get|dial))?(?: (?:a|the))? "
)

WRONG_NUMBERS = (
    phrase(
        r"\bwrong (?:phone |telephone )?(?:number|person|party|guy|lady|individual)\b",
        before=rf"{_MISTAKE}|{_NOT_WRONG}",
        after=r" (?:of|on (?:my|the|your|it|that|file)|in (?:my|the|your)|"
        r"to (?:ask|talk|speak|answer|handle|deal|sell)|for the job|for (?:this|that)$)",
    ),
    phrase(
        r"\b(?:nobody|no one|noone|isnt any(?:one|body)|not any(?:one|body))(?: \w+){0,2}? "
        r"(?:(?:by|of|with|under) (?:that|this|the|such a) name|named \w|here called \w|"
        r"goes by)"
    ),
    phrase(
        r"\b(?!i |we )\w+ (?:doesnt|does not|dont|do not|no longer) "
        r"(?:lives?|works?|stays?) here\b"
    ),
    phrase(r"\bnever heard of (?:him|her|them|that person|that name|anyone|anybody)\b"),
    phrase(
        r"\b(?:do not|dont) know (?:any(?:one|body)|a person|any \w+) "
        r"(?:by that name|named|by the name)\b"
    ),
    phrase(
        r"\byou(?: have|re| are|ve)? (?:want|reached|got|looking for|calling) "
        r"some ?(?:body|one) else\b"
    ),
    phrase(
        r"\bi(?:ve| have)? (?:only|recently|newly) (?:have |had |got |gotten ){1,2}"
        r"this (?:\w+ )?number\b|\bi (?:only |recently )?got this (?:\w+ )?number"
        r"(?: (?:a|last|this|two|few|yesterday|recently)\b|$)"
    ),
    phrase(r"\bthis (?:isnt|is not|is no longer) (?:his|her|their) (?:\w+ )?(?:number|phone)\b"),
)
