// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/printable.h"

namespace restante::base
{

QString printable(QString text)
{
    for (QChar &character : text) {
        const bool turns = (character >= QChar(0x202a) && character <= QChar(0x202e)) ||
                           (character >= QChar(0x2066) && character <= QChar(0x2069));
        const auto category = character.category();
        if (category == QChar::Other_Control || category == QChar::Separator_Line ||
            category == QChar::Separator_Paragraph || turns)
            character = QChar::ReplacementCharacter;
    }
    return text;
}

} // namespace restante::base
