// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/lines.h"

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

void addSynapse(const Configuration &configuration, const Access &access, QList<Piece> &pieces)
{
    if (configuration.wayOut.isEmpty()) {
        Piece piece{Piece::Kind::WayOut, {}, false, u"outbound_federation_restricted_to: [restante]\n"_s};
        setFile(configuration, piece);
        if (!configuration.hasInstances)
            piece.text += "instance_map:\n  main: {host: '127.0.0.1', port: 9093}\n"_L1 + instanceLine(access);
        if (!configuration.hasSecret)
            piece.text += u"worker_replication_secret: %1\n"_s.arg(quoted(access.secret));
        pieces.append(piece);
        if (configuration.hasInstances)
            pieces.append({Piece::Kind::Instance, configuration.file, false, instanceLine(access)});
    }
    if (!configuration.file.isEmpty() && configuration.place.isEmpty())
        pieces.append({Piece::Kind::Listener, configuration.file, false,
                       u"  - port: 8018\n"
                       "    type: http\n"
                       "    tls: false\n"
                       "    x_forwarded: true\n"
                       "    bind_addresses: ['127.0.0.1']\n"
                       "    resources:\n"
                       "      - names: [federation]\n"_s});
}
} // namespace

QList<Piece> linesFor(const Configuration &configuration, const Access &access)
{
    QList<Piece> pieces;
    if (!configuration.serverName.isEmpty() && !configuration.signingKey.isEmpty() &&
        configuration.serverName != access.serverName)
        pieces.append({Piece::Kind::Identity,
                       {},
                       false,
                       u"restantectl --data-dir %1 identity import %2 --server-name %3\n"_s.arg(
                           shellQuoted(access.dataFolder), shellQuoted(configuration.signingKey),
                           shellQuoted(configuration.serverName))});
    if (configuration.software == Software::Synapse)
        addSynapse(configuration, access, pieces);
    else
        pieces.append({Piece::Kind::Delegate, configuration.file, false,
                       u"global:\n  well_known_server_name: '%1'\n"_s.arg(FrontDoorBlank)});
    return pieces;
}

} // namespace restante::homeserver
