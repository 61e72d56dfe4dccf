"""Agents whose conversations must read well: the examples', and invented ones in many styles."""

PROSE = {
    "wrapped": (
        "Ask what is wrong, where in the house it is,\nand since when. Listen to the end before "
        "you\n"
        "ask the next thing.\n\nIf water is running that can't be shut off, or there is a smell\n"
        "of gas, don't book anything: say that you are putting them through to the\ndispatcher, "
        "and transfer the call.\n\nOtherwise offer the two earliest visits, ask for the address,\n"
        "and book the one they choose."
    ),
    "numbered": (
        "1. Greet the caller warmly.\n2. Ask for their name, email address and phone number.\n"
        "3. Ask how they heard about us.\n4. If they want to schedule, use the scheduling tool.\n"
        "5. If they need support, transfer to support.\n6. Thank them and say goodbye."
    ),
    "guide": (
        "Greet the caller warmly. Ask for their name and reason for calling. If they want to "
        "schedule, use the scheduling tool. If they need support, transfer to support."
    ),
    "titled": (
        "# Opening\nYou are Max, a friendly assistant. Never be pushy.\n\n# Questions\n"
        "- Ask whether the customer owns the house\n- Ask how old the roof is\n"
        "- Find out when the storm was\n\n# Closing\n- Offer a free inspection\n- Say goodbye"
    ),
    "quoting": (
        'Say: "I noticed that your contract ends next month." Ask: "Would you like to renew it?" '
        'If they say yes, confirm their email address. If they say no, say "No problem at all." '
        "and end the call."
    ),
    "survey": (
        "Ask how satisfied they were with the last visit. Ask whether the technician was on time, "
        "and what we could do better. If they are unhappy, apologize and transfer them to the "
        "manager. Keep it short; never argue."
    ),
    "dentist": (
        "Remind the patient of their appointment tomorrow. Ask if they can make it. If they "
        "can't, reschedule it. If the patient is in pain, transfer the call to the nurse on duty. "
        "Ask them to bring their insurance card."
    ),
    "estate": (
        "Find out what kind of property they are looking for, how many bedrooms they need, and "
        "what their budget is. Explain how viewings work. Suggest a viewing this week. When they "
        "agree, book an appointment. Collect the buyer's contact information."
    ),
    "insurer": (
        "Check whether they have had an accident. For emergencies, transfer the call at once. "
        "Ask the caller to have the policy number ready, and ask about the damage. Inform them "
        "that an adjuster will call within two days. Ask if there's anything else."
    ),
    "terse": "intro, qualify, pitch, close",
    "placeholders": (
        "Hi {{name}}, this is {{agent}} calling about {{service}}. Ask whether {{name}} still "
        "wants [SERVICE]. Tell the lead about our financing. Ask for the best time to call back."
    ),
    "lowercase": "greet them. ask what they need, then take their name and number. hang up.",
    "gym": (
        "Invite them to a free trial class. Ask which days suit them best and whether they have "
        "trained before. Mention the summer discount. Tell them that parking is free. "
        "Transfer to the front desk if they want to speak with someone."
    ),
    "lawyer": (
        "Before anything else, ask whether they are already a client. Once they have told you "
        "about their case, ask for any deadlines. Please do not give legal advice. Confirm the "
        "caller's phone number. Let them know that a lawyer will call back, e.g. tomorrow."
    ),
}
"""Prose in the styles in which people instruct agents."""
