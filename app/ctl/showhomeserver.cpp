// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/printable.h"
#include "ctl/show.h"
#include "ctl/text.h"

#include <QtCore/QJsonArray>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
QString softwareText(const QJsonObject &homeserver)
{
    return homeserver.value("software"_L1).toString() == "synapse"_L1 ? u"Synapse"_s : u"Dendrite"_s;
}

QString outcomeWords(const QJsonObject &value)
{
    return value.value("outcome"_L1).toString().replace(u'_', u' ');
}

/// What the lines are for, and where they belong.
QString headingOf(const QJsonObject &piece)
{
    const QString kind = piece.value("kind"_L1).toString();
    QString file = base::printable(piece.value("file"_L1).toString());
    if (file.isEmpty())
        file = u"the homeserver's configuration"_s;
    if (kind == "identity"_L1)
        return u"Restante needs the homeserver's name and key. Stop it and run, as a user who can read the key:"_s;
    const bool isNew = piece.value("file_is_new"_L1).toBool();
    const bool replaces = piece.value("replaces_line"_L1).toBool();
    const QString instead = replaces ? u" instead of the line of that name"_s : QString();
    if (kind == "instance"_L1)
        return u"In %1, below instance_map:, indented as the others there:"_s.arg(file);
    if (kind == "secret"_L1 && isNew)
        return u"All of %1, so that Restante lets the homeserver send:"_s.arg(file);
    if (kind == "secret"_L1)
        return u"In %1%2, so that Restante lets the homeserver send:"_s.arg(file, instead);
    if (kind == "listener"_L1)
        return u"In %1, below listeners:, indented as the others there, so that Restante can deliver to it:"_s.arg(
            file);
    if (kind == "delegate"_L1)
        return u"In %1, below global:%2, with the address of your front door at a friend's relay "
               "(Dendrite cannot send through Restante):"_s.arg(file, instead);
    if (isNew)
        return u"In a new file %1 that only the homeserver can read, so that it sends through Restante:"_s.arg(file);
    return u"At the end of %1, so that it sends through Restante:"_s.arg(file);
}
} // namespace

QString showHomeservers(const QJsonObject &value)
{
    Table table({{u"SOFTWARE"_s}, {u"SERVER NAME"_s}, {u"URL"_s}, {u"SIGNING KEY"_s}, {u"FILE"_s}});
    const QJsonArray rows = value.value("homeservers"_L1).toArray();
    for (const auto &element : rows) {
        const QJsonObject row = element.toObject();
        QString url = row.value("url"_L1).toString();
        if (row.value("url_is_usual"_L1).toBool())
            url += u" (by default)"_s;
        table.add({softwareText(row), row.value("server_name"_L1).toString(), url,
                   row.value("signing_key"_L1).toString(), row.value("file"_L1).toString()});
    }
    return table.text(u"No homeserver's configuration was found"_s);
}

QStringList unreadableConfigurations(const QJsonObject &value)
{
    QStringList lines;
    const QJsonArray files = value.value("unreadable"_L1).toArray();
    for (const auto &element : files) {
        const QJsonObject file = element.toObject();
        lines.append(
            u"%1 cannot be read: %2"_s.arg(file.value("path"_L1).toString(), file.value("reason"_L1).toString()));
    }
    return lines;
}

QString showHomeserverTested(const QJsonObject &value)
{
    Facts facts;
    const auto add = [&facts, &value](const QString &name, QLatin1String member) {
        if (const QString text = value.value(member).toString(); !text.isEmpty())
            facts.add(name, text);
    };
    add(u"Homeserver"_s, "url"_L1);
    facts.add(u"Outcome"_s, outcomeWords(value));
    add(u"Software"_s, "software"_L1);
    add(u"Server name"_s, "server_name"_L1);
    add(u"Keys"_s, "key_ids"_L1);
    facts.add(u"Took"_s, u"%1 ms"_s.arg(numberText(value, "took_ms"_L1)));
    const bool listens = !value.value("node_listen"_L1).toString().isEmpty();
    facts.add(u"Sends here"_s, listens ? timeText(value, "homeserver_seen_ts"_L1, u"not since the start"_s)
                                       : u"it cannot: the node role is off or does not listen"_s);
    return facts.text();
}

QStringList homeserverFailures(const QJsonObject &value)
{
    QStringList lines;
    if (!value.value("works"_L1).toBool())
        lines.append(u"%1: %2"_s.arg(outcomeWords(value), value.value("detail"_L1).toString()));
    const QJsonArray troubles = value.value("troubles"_L1).toArray();
    for (const auto &trouble : troubles)
        lines.append(trouble.toString());
    return lines;
}

QString showHomeserverLines(const QJsonObject &value)
{
    QString text;
    const QJsonArray homeservers = value.value("homeservers"_L1).toArray();
    for (const auto &element : homeservers) {
        const QJsonObject homeserver = element.toObject();
        const QJsonArray pieces = homeserver.value("lines"_L1).toArray();
        if (pieces.isEmpty())
            text += u"# %1 needs nothing more in %2\n"_s.arg(softwareText(homeserver),
                                                             base::printable(homeserver.value("file"_L1).toString()));
        for (const auto &each : pieces) {
            const QJsonObject piece = each.toObject();
            text += u"# %1\n"_s.arg(headingOf(piece)) + piece.value("text"_L1).toString() + u'\n';
        }
    }
    return text;
}

} // namespace restante::ctl
