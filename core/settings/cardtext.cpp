// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/cardtext.h"

#include "base/printable.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

bool isCardName(const QString &text)
{
    return text.size() <= MostCardName && text == text.trimmed() && text == base::printable(text);
}

MaybeComplaint parseCardAddress(const QString &text, RelayUrl &out)
{
    out = {};
    const auto isAscii = [](QChar character) { return character > u' ' && character <= u'~'; };
    if (text.isEmpty() || !std::all_of(text.begin(), text.end(), isAscii))
        return Complaint{ComplaintCode::NotAUrl, {text}};
    RelayUrl url;
    if (auto wrong = parse(text, url))
        return wrong;
    if (!url.isTls() && !url.isLoopback())
        return Complaint{ComplaintCode::Unencrypted, {text}};
    out = url;
    return {};
}

MaybeComplaint parseCardAddresses(const QString &text, QList<RelayUrl> &out)
{
    out.clear();
    const QStringList parts = text.simplified().split(u' ', Qt::SkipEmptyParts);
    if (parts.size() > MostCardAddresses)
        return Complaint{ComplaintCode::CountOutOfRange,
                         {QString::number(parts.size()), u"0"_s, QString::number(MostCardAddresses)}};
    for (const QString &part : parts) {
        RelayUrl url;
        if (auto wrong = parseCardAddress(part, url))
            return wrong;
        if (out.contains(url))
            return Complaint{ComplaintCode::ListedTwice, {part}};
        out.append(url);
    }
    return {};
}

} // namespace restante::settings
