// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/printable.h"

namespace restante::base
{

namespace
{
/// Letters that look like nothing at all.
bool isFiller(char32_t character)
{
    return character == 0x115f || character == 0x1160 || character == 0x3164 || character == 0xffa0 ||
           character == 0x034f;
}

bool isHidden(char32_t character)
{
    switch (QChar::category(character)) {
    case QChar::Other_Control:
    case QChar::Other_Format: // what turns the direction of text among them
    case QChar::Other_Surrogate:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    default:
        return isFiller(character);
    }
}
} // namespace

QString printable(QString text)
{
    for (qsizetype at = 0; at < text.size(); ++at) {
        const bool isPair = text[at].isHighSurrogate() && at + 1 < text.size() && text[at + 1].isLowSurrogate();
        const char32_t character =
            isPair ? QChar::surrogateToUcs4(text[at], text[at + 1]) : char32_t(text[at].unicode());
        if (isHidden(character))
            text.replace(at, isPair ? 2 : 1, QChar(QChar::ReplacementCharacter));
        else if (isPair)
            ++at;
    }
    return text;
}

} // namespace restante::base
