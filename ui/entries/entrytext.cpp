// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/entrytext.h"

#include "matrix/canonicaljson.h"

#include <algorithm>

namespace restante::ui
{

QByteArray jsonBeginning(QByteArrayView text, qsizetype limit)
{
    if (text.size() <= limit)
        return text.toByteArray();
    QByteArray open; // what would have to be closed here, innermost last
    QByteArray openAtCut;
    qsizetype cut = 0;
    bool inString = false;
    for (qsizetype i = 0; i < limit; ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
            continue;
        }
        switch (c) {
        case '"':
            inString = true;
            break;
        case '{':
        case '[':
            open.append(c == '{' ? '}' : ']');
            cut = i + 1;
            openAtCut = open;
            break;
        case '}':
        case ']':
            open.chop(1);
            cut = i + 1;
            openAtCut = open;
            break;
        case ',':
            cut = i;
            openAtCut = open;
            break;
        default:
            break;
        }
    }
    std::reverse(openAtCut.begin(), openAtCut.end());
    return text.first(cut).toByteArray() + openAtCut;
}

EntryText entryText(const queue::HeldEntry &entry, qsizetype limit)
{
    const QByteArray pdus = jsonBeginning(entry.pdus, limit);
    const QByteArray edus = jsonBeginning(entry.edus, std::max<qsizetype>(limit - pdus.size(), 0));
    EntryText text;
    text.complete = entry.pdus.size() + entry.edus.size() <= limit;
    text.events = matrix::summarise(pdus, edus, matrix::MaxPdus + matrix::MaxEdus + 1);
    const QByteArray whole = "{\"origin\":" + matrix::jsonString(entry.origin) +
                             ",\"origin_server_ts\":" + QByteArray::number(entry.originServerTs) +
                             ",\"pdus\":" + (pdus.isEmpty() ? QByteArrayLiteral("[]") : pdus) +
                             ",\"edus\":" + (edus.isEmpty() ? QByteArrayLiteral("[]") : edus) + '}';
    text.json = QString::fromUtf8(matrix::indentedJson(whole));
    return text;
}

} // namespace restante::ui
