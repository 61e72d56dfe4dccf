"""Spanish phrases: not to be called again, and that the number is the wrong one.

Written without accents, as clauses are compared. The subjunctive asks (no me vuelva a llamar),
the indicative tells (no me vuelve a llamar): only the first is an opt-out.
"""

from dialer.rules.outcomes.phrases import phrase

_DAY = r"(?:lunes|martes|miercoles|jueves|viernes|sabados?|domingos?|fin|fines)"
_TIME = (
    r"(?:tan (?:temprano|tarde)|tarde|temprano|antes|despues|hasta|entre|hoy|manana|ahora|ahorita|"
    r"mientras|cuando|durante|todavia|aun|(?:en )?(?:los|el|la|las) (?:"
    rf"{_DAY}|mananas?|tardes?|noches?|proxim\w+)|en (?:este|estos|esta|un|unos|una) |"
    r"por (?:la|las|el) (?:mananas?|tardes?|noches?|momento)|de (?:noche|madrugada)|"
    r"a (?:las \w+|la una|esta|estas|esa)|al mediodia|"
    r"est[ae] (?:noche|semana|tarde|momento|fin))\b"
)
_AGAIN = (
    r"(?: (?:mas|otra vez|de nuevo|aqui|nunca|a mi (?:casa|celular|telefono)|nuevamente)){0,3}"
)
_OTHER_TIME = rf"{_AGAIN} {_TIME}"
_SOMEBODY = r" (?:a|al) (?!mi (?:casa|celular|telefono|numero|movil)|est[ea]|ese|mi$)"
_DENIED = r"(?<!por que )(?<!porque )\b(?:no|nunca|jamas)(?: (?:me|nos|se|le|lo|quiero que))? "
_IF = r"\b(?:si|cuando) "
_LIST = r"(?:listas?|base|bases|sistemas?|registros?|archivos?|directorio)"

OPT_OUTS = (
    phrase(
        r"\b(?:no|nunca|jamas) (?:mas )?(?:me |nos )?(?:vuelv(?:a|an|as|ais)|volver) a "
        r"(?:llamar|marcar|contactar|molestar|telefonear)\w*",
        before=_IF,
        after=_OTHER_TIME,
    ),
    phrase(
        r"\b(?:no|nunca|jamas) (?:mas )?(?:me |nos )?(?:llame|llamen|llames|contacte|contacten|"
        r"contactes|moleste|molesten|molestes|marque|marquen|marques|telefonee|telefoneen)\b"
        r"(?= (?:mas|nunca|jamas|otra|de|aqui|a|al|para|por|en|ni|nuevamente|hasta|antes)\b|$)",
        before=_IF,
        after=rf"{_OTHER_TIME}|{_SOMEBODY}",
    ),
    phrase(
        r"\b(?:favor de|pido|ruego|agradeceria) no (?:me )?(?:volver a )?"
        r"(?:llamar|contactar|molestar)\w*",
        after=_OTHER_TIME,
    ),
    phrase(
        r"\b(?:deje|dejen|deja|dejad|dejar|dejaran|pare|paren|para|basta|cese|cesen) de "
        r"(?:estar )?(?:llamar|llamando|molestar|molestando|marcar|contactar|acosar|insistir)\w*",
        before=_DENIED,
        after=_OTHER_TIME,
    ),
    phrase(
        r"\b(?:basta|no mas|no quiero mas|ni una) (?:de )?(?:sus |estas |mas )?llamadas?\b",
        after=_OTHER_TIME,
    ),
    phrase(
        r"\b(?:quit|sac|saqu|borr|elimin|remuev|remov|tach|retir)\w*"
        r"(?: (?:me|mi|mis|este|ese|nuestro|el|la|por|numero|nombre|telefono|celular|datos|mio|a)"
        r"){0,4} (?:de|del) (?:(?!espera|precios)\w+ ){0,2}?"
        rf"{_LIST}\b(?! de (?:espera|precios|invitados|no llam))",
        before=_DENIED,
    ),
    phrase(
        r"\b(?:quit|borr|elimin|saqu)\w* (?:mi|este|nuestro|ese) (?:numero|telefono|celular)\b"
        r"|\b(?:borr|elimin)\w* mis datos\b",
        before=_DENIED,
    ),
    phrase(
        r"\bno (?:quiero|queremos|deseo|quisiera|me gusta) que (?:\w+ )?(?:me |nos )?"
        r"(?:vuelv\w+ a |sigan |esten )?(?:llam\w+|contact\w+|molest\w+|marqu\w+)",
        after=_OTHER_TIME,
    ),
    phrase(
        r"\bno (?:quiero|queremos|deseo|quisiera) (?:recibir |tener |otra )?"
        r"(?:mas |sus |ninguna |estas |otra ){0,2}llamadas?\b",
        after=_OTHER_TIME,
    ),
    phrase(
        r"\bno (?:quiero|deseo|queremos) ser (?:llamad|contactad|molestad)\w+", after=_OTHER_TIME
    ),
    phrase(
        r"\b(?:dar|darme|deme|denme|dame|darnos|den|de)(?: \w+)? de baja\b",
        before=_DENIED,
        after=r" (?:el|la|mi|del|un|una|este) (?!lista)",
    ),
    phrase(
        r"\blista de no llam\w+",
        before=r"\b(?:quit\w*|saqu\w*|borr\w*|sac\w*|elimin\w*|estoy)(?: \w+){0,2} (?:la|su|en) ",
    ),
    phrase(
        r"\bdej(?:e|en|a|eme|enme|ame|enos)(?: me| nos)? (?:en paz|tranquil\w+)\b", before=_DENIED
    ),
)

WRONG_NUMBERS = (
    phrase(
        r"\b(?:numero|persona|telefono) equivocad[oa]\b",
        before=r"\b(?:no es|no tiene|no|(?:le |les |te )?(?:di|puse|escribi|marque|tengo))"
        r"(?: (?:un|el|la|al))? ",
    ),
    phrase(
        r"\b(?:se|te) (?:ha )?(?:equivoc\w+)(?: \w+)? (?:de|del) "
        r"(?:numero|persona|telefono|casa)\b"
        r"|\bequivocad[oa] de (?:numero|persona|telefono)\b",
        before=r"\b(?:no|yo|me)(?: \w+)? ",
    ),
    phrase(r"\b(?:aqui no vive|no vive aqui|aqui no trabaja|no trabaja aqui)\b", before=r"\byo "),
    phrase(
        r"\b(?:no hay|aqui no hay|no vive) (?:aqui )?(?:nadie|ningun\w*)(?: \w+){0,2}? "
        r"(?:con ese|con este|que se llame|llamad\w|de ese|por ese)"
    ),
    phrase(r"\bno (?:lo |la )?conozco a (?:esa|ese|ninguna?|nadie)(?: \w+)?\b"),
)
