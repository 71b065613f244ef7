// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/enteredname.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::matrix
{

namespace
{
constexpr qsizetype KeyDigits = 64;
constexpr qsizetype LikelyAKey = 48;   // hexadecimal digits and nothing else: no domain looks like that
constexpr qsizetype MostOfALabel = 63; // RFC 1035, 2.3.4

bool isHex(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

bool isNumber(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What is wrong with the host of `name`, which the grammar allows; empty where nothing is.
QString hostProblem(const ServerName &name)
{
    const QByteArray host = name.host().toByteArray();
    if (host.size() >= LikelyAKey && isHex(host)) {
        if (host.size() != KeyDigits)
            return u"it has %1 hexadecimal digits, and a name that is a key has 64"_s.arg(host.size());
        return name.port() ? u"a name that is a key has no port"_s : QString();
    }
    const QByteArrayList labels = host.split('.');
    for (const QByteArray &label : labels) {
        if (label.isEmpty())
            return u"a part between two dots is empty"_s;
        if (label.size() > MostOfALabel)
            return u"a part between two dots is longer than %1 characters"_s.arg(MostOfALabel);
        if (label.startsWith('-') || label.endsWith('-'))
            return u"a part between two dots begins or ends with a hyphen"_s;
    }
    return isNumber(labels.last()) ? u"it is not a complete IP address, and a server name cannot end in a number"_s
                                   : QString();
}
} // namespace

QString tidiedName(const QString &text)
{
    const QString name = text.trimmed();
    return name.size() == KeyDigits && isHex(name.toUtf8()) ? name.toLower() : name;
}

Result<ServerName> parseEnteredName(const QString &text)
{
    const QString tidied = tidiedName(text);
    const auto name = ServerName::parse(tidied.toUtf8());
    if (!name)
        return Error{Errc::InvalidParam, u"\"%1\" is not a server name"_s.arg(tidied), 0};
    if (name->port() == 0)
        return Error{Errc::InvalidParam, u"\"%1\" is not a server name: 0 is not a port"_s.arg(tidied), 0};
    if (name->kind() == ServerName::Kind::Dns) {
        if (const QString wrong = hostProblem(*name); !wrong.isEmpty())
            return Error{Errc::InvalidParam, u"\"%1\" is not a server name: %2"_s.arg(tidied, wrong), 0};
    }
    return name;
}

} // namespace restante::matrix
