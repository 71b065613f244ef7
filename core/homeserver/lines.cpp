// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/lines.h"

#include "base/printable.h"
#include "matrix/servername.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::homeserver
{

namespace
{
/// A text as YAML takes it, whatever is in it.
QString quoted(const QString &text)
{
    QString inside = text;
    return u'\'' + inside.replace(u'\'', "''"_L1) + u'\'';
}

/// For a shell.
QString shellQuoted(const QString &text)
{
    QString inside = text;
    return u'\'' + inside.replace(u'\'', "'\\''"_L1) + u'\'';
}

QString instanceLine(const Access &access)
{
    return u"  restante: {host: %1, port: %2}\n"_s.arg(quoted(access.host), QString::number(access.port));
}

/// Where Synapse's settings may go into a file of their own.
void setFile(const Configuration &configuration, Piece &piece)
{
    piece.isNew = !configuration.partFolder.isEmpty();
    piece.file = piece.isNew ? configuration.partFolder + "/restante.yaml"_L1 : configuration.file;
}

QString secretLine(const Access &access)
{
    return u"worker_replication_secret: %1\n"_s.arg(quoted(access.secret));
}

void addWayOut(const Configuration &configuration, const Access &access, QList<Piece> &pieces)
{
    const bool sends = !configuration.wayOut.isEmpty();
    const bool lacksSecret = configuration.secret != access.secret;
    const bool inFile = !configuration.secretFile.isEmpty(); // Synapse refuses to have both
    if (!sends) {
        Piece piece{Piece::Kind::WayOut, {}, false, u"outbound_federation_restricted_to: [restante]\n"_s};
        setFile(configuration, piece);
        if (configuration.instancesFile.isEmpty())
            piece.text += "instance_map:\n  main: {host: '127.0.0.1', port: 9093}\n"_L1 + instanceLine(access);
        if (lacksSecret && !inFile)
            piece.text += secretLine(access);
        pieces.append(piece);
        if (!configuration.instancesFile.isEmpty())
            pieces.append({Piece::Kind::Instance, configuration.instancesFile, false, instanceLine(access)});
    }
    if (lacksSecret && inFile)
        pieces.append({Piece::Kind::Secret, configuration.secretFile, true, access.secret + u'\n'});
    else if (lacksSecret && sends)
        pieces.append(
            {Piece::Kind::Secret, configuration.file, false, secretLine(access), !configuration.secret.isEmpty()});
}

void addSynapse(const Configuration &configuration, const Access &access, QList<Piece> &pieces)
{
    addWayOut(configuration, access, pieces);
    if (!configuration.listenersFile.isEmpty() && configuration.place.isEmpty())
        pieces.append({Piece::Kind::Listener, configuration.listenersFile, false,
                       u"  - port: 8018\n"
                       "    type: http\n"
                       "    tls: false\n"
                       "    x_forwarded: true\n"
                       "    bind_addresses: ['127.0.0.1']\n"
                       "    resources:\n"
                       "      - names: [federation]\n"_s});
}

/// If it is another than ours. Texts that could be more than one word for a shell's user are not offered to be copied.
void addIdentity(const Configuration &configuration, const Access &access, QList<Piece> &pieces)
{
    const auto name = matrix::ServerName::parse(configuration.serverName.toUtf8());
    const QString &key = configuration.signingKey;
    if (!name || name->toString() == access.serverName || key.isEmpty() || base::printable(key) != key)
        return;
    pieces.append({Piece::Kind::Identity,
                   {},
                   false,
                   u"restantectl --data-dir %1 identity import %2 --server-name %3\n"_s.arg(
                       shellQuoted(access.dataFolder), shellQuoted(key), shellQuoted(name->toString()))});
}
} // namespace

QList<Piece> linesFor(const Configuration &configuration, const Access &access)
{
    QList<Piece> pieces;
    addIdentity(configuration, access, pieces);
    if (configuration.software == Software::Synapse)
        addSynapse(configuration, access, pieces);
    else
        pieces.append({Piece::Kind::Delegate, configuration.file, false,
                       u"  well_known_server_name: '%1'\n"_s.arg(FrontDoorBlank), configuration.hasDelegate});
    return pieces;
}

} // namespace restante::homeserver
