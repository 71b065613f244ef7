// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/finder.h"

#include "base/inputfile.h"
#include "homeserver/yamltree.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtNetwork/QHostAddress>

#include <algorithm>
#include <filesystem>
#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::homeserver
{

namespace
{
/// Debian's packages, Arch's, Docker's volume, the manuals' examples.
constexpr QLatin1String SynapsePlaces[] = {"/etc/matrix-synapse/homeserver.yaml"_L1, "/etc/synapse/homeserver.yaml"_L1,
                                           "/data/homeserver.yaml"_L1, "/opt/synapse/homeserver.yaml"_L1,
                                           "/var/lib/matrix-synapse/homeserver.yaml"_L1};
constexpr QLatin1String DendritePlaces[] = {"/etc/dendrite/dendrite.yaml"_L1, "/etc/dendrite/config.yaml"_L1,
                                            "/opt/dendrite/dendrite.yaml"_L1, "/var/lib/dendrite/dendrite.yaml"_L1};
constexpr QLatin1String SynapseAtHome[] = {"/synapse/homeserver.yaml"_L1};
constexpr QLatin1String DendriteAtHome[] = {"/dendrite/dendrite.yaml"_L1, "/dendrite/config/dendrite.yaml"_L1};
constexpr QLatin1String PartFolder = "/conf.d"_L1;
/// Where Dendrite listens if its command line says nothing else; its configuration never does.
constexpr QLatin1String DendritesPlace = "http://127.0.0.1:8008"_L1;

/// Why nobody can tell whether something stands there; nothing if that is known.
std::optional<QString> whyHidden(const QString &path)
{
    std::error_code error;
    const auto status = std::filesystem::status(QFile::encodeName(path).toStdString(), error);
    if (!error || status.type() == std::filesystem::file_type::not_found)
        return {};
    return QString::fromStdString(error.message());
}

/// The whole of a file as a map.
Result<QJsonObject> readMap(const QString &path)
{
    QFile file(path);
    if (const auto opened = base::openToRead(file); !opened)
        return opened.error();
    const QByteArray text = file.read(MostYamlBytes + 1);
    if (file.error() != QFileDevice::NoError)
        return Error{Errc::Io, file.errorString(), 0};
    if (text.size() > MostYamlBytes)
        return Error{Errc::TooLarge, u"It is too large for a configuration"_s, 0};
    const auto value = readYaml(text);
    if (!value)
        return value.error();
    if (value->isNull())
        return QJsonObject();
    if (!value->isObject())
        return Error{Errc::Corrupt, u"It is not a map of settings"_s, 0};
    return value->toObject();
}

QStringList textsOf(const QJsonValue &value)
{
    QStringList texts;
    const QJsonArray list = value.isString() ? QJsonArray{value} : value.toArray();
    for (const auto &element : list)
        texts.append(element.toString());
    texts.removeAll(QString());
    return texts;
}

/// YAML's words for true, as Python's reader takes them.
bool isTrue(const QJsonValue &value)
{
    const QString text = value.toString().toLower();
    return text == "true"_L1 || text == "yes"_L1 || text == "on"_L1;
}

/// The address at which this computer reaches what listens at one of `addresses`: its own if it can be.
QString reachedAt(const QStringList &addresses)
{
    QString other;
    for (const QString &text : addresses) {
        if (QStringList{u"localhost"_s, u"0.0.0.0"_s, u"127.0.0.1"_s}.contains(text))
            return u"127.0.0.1"_s;
        const QHostAddress address(text);
        if (text == "::"_L1 || text == "::1"_L1)
            other = u"[::1]"_s;
        else if (other.isEmpty() && address.protocol() == QAbstractSocket::IPv6Protocol)
            other = u'[' + address.toString() + u']';
        else if (other.isEmpty())
            other = address.toString();
    }
    return other;
}

/// The lower the better: what stays on this computer goes first.
int rankOf(const QString &host)
{
    if (host.startsWith("127."_L1))
        return 0;
    return host == "[::1]"_L1 ? 1 : 2;
}

bool takesFederation(const QJsonObject &listener)
{
    const QJsonArray resources = listener.value("resources"_L1).toArray();
    return std::any_of(resources.begin(), resources.end(), [](const auto &resource) {
        return textsOf(resource.toObject().value("names"_L1)).contains("federation"_L1);
    });
}

/// The best of Synapse's listeners that take federation requests without TLS.
void takeListener(const QJsonArray &listeners, Configuration &out)
{
    int best = 3;
    for (const auto &element : listeners) {
        const QJsonObject listener = element.toObject();
        const int port = listener.value("port"_L1).toString().toInt();
        if (port <= 0 || port > 65535 || listener.value("type"_L1).toString("http"_L1) != "http"_L1 ||
            isTrue(listener.value("tls"_L1)) || !takesFederation(listener))
            continue;
        const QStringList addresses =
            textsOf(listener.value("bind_addresses"_L1)) + textsOf(listener.value("bind_address"_L1));
        const QString host = addresses.isEmpty() ? u"127.0.0.1"_s : reachedAt(addresses); // else it listens on all
        if (host.isEmpty() || rankOf(host) >= best)
            continue;
        best = rankOf(host);
        out.place = u"http://%1:%2"_s.arg(host, QString::number(port));
    }
}

/// Settings, and which file each of them is from.
struct Layers {
    QJsonObject settings = {};
    QHash<QString, QString> files = {};

    void add(const QString &file, const QJsonObject &more)
    {
        for (auto member = more.begin(); member != more.end(); ++member) {
            settings.insert(member.key(), member.value());
            files.insert(member.key(), file);
        }
    }
};

/// A path in its configuration: either software begins in its working folder, which most often is that of the file.
QString fullPath(const Configuration &configuration, const QString &path)
{
    return path.isEmpty() ? QString()
                          : QDir::cleanPath(QDir(QFileInfo(configuration.file).path()).absoluteFilePath(path));
}

/// All of a file with a secret; empty if it cannot be read.
QString secretIn(const QString &path)
{
    constexpr qint64 most = 4'096;
    QFile file(path);
    return !path.isEmpty() && base::openToRead(file) ? QString::fromUtf8(file.read(most)).trimmed() : QString();
}

void takeSynapse(const Layers &layers, Configuration &out)
{
    const QJsonObject &settings = layers.settings;
    out.serverName = settings.value("server_name"_L1).toString();
    QString key = settings.value("signing_key_path"_L1).toString();
    if (key.isEmpty() && !out.serverName.isEmpty() && !settings.contains("signing_key"_L1))
        key = out.serverName + ".signing.key"_L1;
    out.signingKey = fullPath(out, key);
    out.wayOut = textsOf(settings.value("outbound_federation_restricted_to"_L1));
    if (!settings.value("instance_map"_L1).toObject().isEmpty())
        out.instancesFile = layers.files.value(u"instance_map"_s);
    out.secretFile = fullPath(out, settings.value("worker_replication_secret_path"_L1).toString());
    out.secret =
        out.secretFile.isEmpty() ? settings.value("worker_replication_secret"_L1).toString() : secretIn(out.secretFile);
    const QJsonArray listeners = settings.value("listeners"_L1).toArray();
    if (!listeners.isEmpty())
        out.listenersFile = layers.files.value(u"listeners"_s);
    takeListener(listeners, out);
}

void takeDendrite(const QJsonObject &settings, Configuration &out)
{
    const QJsonObject global = settings.value("global"_L1).toObject();
    out.serverName = global.value("server_name"_L1).toString();
    out.signingKey = fullPath(out, global.value("private_key"_L1).toString());
    out.hasDelegate = global.contains("well_known_server_name"_L1);
    out.place = DendritesPlace;
    out.placeIsUsual = true;
}

/// Synapse takes the members of each further file instead of those of the files before it.
void addParts(const QString &folder, Layers &layers, Found &found)
{
    if (!QFileInfo(folder).isReadable()) {
        found.unreadable.append({folder, u"It cannot be listed"_s});
        return;
    }
    const QStringList parts =
        QDir(folder).entryList({u"*.yaml"_s}, QDir::Files | QDir::Hidden | QDir::CaseSensitive, QDir::Name);
    for (const QString &part : parts) {
        const QString path = folder + u'/' + part;
        const auto read = readMap(path);
        if (!read) {
            found.unreadable.append({path, read.error().detail});
            continue;
        }
        layers.add(path, *read);
    }
}

/// A homeserver's configuration has one of these; another program's file of that name has not.
std::optional<Software> softwareOf(const QJsonObject &settings)
{
    if (settings.value("global"_L1).isObject())
        return Software::Dendrite;
    if (settings.contains("server_name"_L1) || settings.contains("listeners"_L1))
        return Software::Synapse;
    return {};
}

void lookAt(const QString &path, bool isWanted, Found &found)
{
    found.places.append(path);
    if (const auto hidden = whyHidden(path)) {
        found.unreadable.append({path, *hidden});
        return;
    }
    if (!QFileInfo::exists(path)) {
        if (isWanted)
            found.unreadable.append({path, u"There is no such file"_s});
        return;
    }
    const auto settings = readMap(path);
    if (!settings) {
        found.unreadable.append({path, settings.error().detail});
        return;
    }
    Layers layers;
    layers.add(path, *settings);
    Configuration out;
    out.file = path;
    const QString partFolder = QFileInfo(path).path() + PartFolder;
    if (!settings->value("global"_L1).isObject() && QFileInfo(partFolder).isDir()) {
        out.partFolder = partFolder;
        addParts(partFolder, layers, found);
    }
    const auto software = softwareOf(layers.settings);
    if (!software) {
        found.unreadable.append({path, u"It is not a configuration of Synapse or Dendrite"_s});
        return;
    }
    out.software = *software;
    if (*software == Software::Synapse)
        takeSynapse(layers, out);
    else
        takeDendrite(layers.settings, out);
    found.homeservers.append(out);
}
} // namespace

Found findHomeservers(const QString &root, const QString &home, const QString &file)
{
    Found found;
    if (!file.isEmpty()) {
        lookAt(file, true, found);
        return found;
    }
    for (const QLatin1String place : SynapsePlaces)
        lookAt(root + place, false, found);
    for (const QLatin1String place : DendritePlaces)
        lookAt(root + place, false, found);
    for (const QLatin1String place : SynapseAtHome)
        lookAt(home + place, false, found);
    for (const QLatin1String place : DendriteAtHome)
        lookAt(home + place, false, found);
    return found;
}

} // namespace restante::homeserver
