// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/transfer.h"

#include "base/inputfile.h"
#include "federation/curlloop.h"
#include "federation/transferfault.h"

#include <QtCore/QFile>

#include <sys/socket.h>

#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::federation
{

namespace
{
/// As it stands in a URL.
QByteArray literalOf(const QHostAddress &address)
{
    const QByteArray text = address.toString().toLatin1();
    return address.protocol() == QAbstractSocket::IPv6Protocol ? '[' + text + ']' : text;
}

/// A request that may come twice does no harm. Others never go over a connection that was kept: if the peer has closed
/// it meanwhile, libcurl sends the request again on a new one, and cannot know whether the first was acted upon.
bool isRepeatable(const QByteArray &method)
{
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}
} // namespace

Transfer::Transfer(CurlLoop &loop, const TransferRules &rules, const Message &message, const Endpoint &endpoint,
                   const QHostAddress &address, int connectMs, int totalMs)
    : m_loop(loop)
    , m_rules(rules)
    , m_message(message)
    , m_endpoint(endpoint)
    , m_address(address)
    , m_handle(curl_easy_init())
{
    setPlace(connectMs, totalMs);
    setTrust();
    setMessage();
    curl_easy_setopt(m_handle, CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
    curl_easy_setopt(m_handle, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(m_handle, CURLOPT_WRITEFUNCTION, &Transfer::onBody);
    curl_easy_setopt(m_handle, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(m_handle, CURLOPT_OPENSOCKETFUNCTION, &Transfer::onOpen);
    curl_easy_setopt(m_handle, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(m_handle, CURLOPT_PREREQFUNCTION, &Transfer::onConnected);
    curl_easy_setopt(m_handle, CURLOPT_PREREQDATA, this);
}

Transfer::~Transfer()
{
    m_loop.remove(m_handle);
    curl_easy_cleanup(m_handle);
    curl_slist_free_all(m_fields);
    curl_slist_free_all(m_connectTo);
}

/// The URL holds the name that certificate and SNI are for; the connection goes to the address that was looked at.
void Transfer::setPlace(int connectMs, int totalMs)
{
    const QByteArray port = QByteArray::number(m_endpoint.port);
    const char *scheme = m_endpoint.secure ? "https" : "http";
    curl_easy_setopt(m_handle, CURLOPT_URL,
                     (QByteArray(scheme) + "://" + m_endpoint.name + ':' + port + '/').constData());
    curl_easy_setopt(m_handle, CURLOPT_REQUEST_TARGET, m_message.target.constData());
    curl_easy_setopt(m_handle, CURLOPT_PROTOCOLS_STR, scheme);
    curl_easy_setopt(m_handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    m_connectTo = curl_slist_append(nullptr, ("::" + literalOf(m_address) + ':' + port).constData());
    curl_easy_setopt(m_handle, CURLOPT_CONNECT_TO, m_connectTo);
    // Nothing from the environment.
    curl_easy_setopt(m_handle, CURLOPT_PROXY, "");
    curl_easy_setopt(m_handle, CURLOPT_NETRC, long(CURL_NETRC_IGNORED));
    curl_easy_setopt(m_handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(m_handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(m_handle, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(m_handle, CURLOPT_CONNECTTIMEOUT_MS, long(connectMs));
    curl_easy_setopt(m_handle, CURLOPT_TIMEOUT_MS, long(totalMs));
    constexpr long keptSeconds = 30;
    curl_easy_setopt(m_handle, CURLOPT_MAXAGE_CONN, keptSeconds);
}

void Transfer::setTrust()
{
    curl_easy_setopt(m_handle, CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
    if (!m_message.pin
             .isEmpty()) { // the key itself identifies the server; a laptop's certificate is often its own authority
        const QByteArray pin = "sha256//" + m_message.pin.toBase64();
        curl_easy_setopt(m_handle, CURLOPT_PINNEDPUBLICKEY, pin.constData());
        curl_easy_setopt(m_handle, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(m_handle, CURLOPT_SSL_VERIFYHOST, 0L);
        return;
    }
    curl_easy_setopt(m_handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(m_handle, CURLOPT_SSL_VERIFYHOST, 2L);
    // The system's authorities are in its file and its folder alike. Without the folder libcurl keeps the file parsed;
    // with a file of the operator's the folder is what brings the system's.
    if (m_rules.caFile.isEmpty())
        curl_easy_setopt(m_handle, CURLOPT_CAPATH, static_cast<char *>(nullptr));
    else
        curl_easy_setopt(m_handle, CURLOPT_CAINFO, caFileToUse().constData());
}

/// libcurl would wait until a pipe is written to. It cannot read what has a slash behind its name.
QByteArray Transfer::caFileToUse() const
{
    const bool isFile = base::notAFile(QFile::decodeName(m_rules.caFile)).isEmpty();
    return isFile ? m_rules.caFile : m_rules.caFile + '/';
}

void Transfer::setMessage()
{
    if (m_message.method == "HEAD")
        curl_easy_setopt(m_handle, CURLOPT_NOBODY, 1L);
    const bool mayHaveBody = m_message.method != "GET" && m_message.method != "HEAD";
    if (!m_message.body.isEmpty() || mayHaveBody) { // without bytes it says Content-Length: 0
        curl_easy_setopt(m_handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(m_message.body.size()));
        curl_easy_setopt(m_handle, CURLOPT_POSTFIELDS, m_message.body.constData());
    }
    curl_easy_setopt(m_handle, CURLOPT_CUSTOMREQUEST, m_message.method.constData());
    if (!isRepeatable(m_message.method))
        curl_easy_setopt(m_handle, CURLOPT_FRESH_CONNECT, 1L);
    if (m_message.method != "HEAD")
        curl_easy_setopt(m_handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(m_message.mostBytes));

    addField("Host", m_endpoint.hostHeader);
    // What libcurl would add of its own.
    for (const char *none : {"Expect:", "Accept:", "Content-Type:"})
        m_fields = curl_slist_append(m_fields, none);
    for (const auto &[name, value] : m_message.headers)
        addField(name, value);
    curl_easy_setopt(m_handle, CURLOPT_HTTPHEADER, m_fields);
}

void Transfer::addField(const QByteArray &name, const QByteArray &value)
{
    const QByteArray line = value.trimmed().isEmpty() ? name + ';' : name + ": " + value; // libcurl's ways to say it
    m_fields = curl_slist_append(m_fields, line.constData());
}

void Transfer::start(Finished finished)
{
    m_finished = std::move(finished);
    m_loop.add(m_handle, [this](CURLcode code) {
        const Finished tell = std::move(m_finished);
        tell(conclude(code)); // this may be gone now
    });
}

Transfer::Result Transfer::conclude(CURLcode code)
{
    long requestBytes = 0;
    curl_easy_getinfo(m_handle, CURLINFO_REQUEST_SIZE, &requestBytes);
    const bool sent = requestBytes > 0;
    if (code == CURLE_COULDNT_CONNECT)
        m_connected = false; // a kept connection had been closed, and no new one could be made
    if (code != CURLE_OK) {
        const Error error = errorOf(code);
        noteAuthorities(error.code == Errc::AuthoritiesUnreadable);
        return {error, sent};
    }
    noteAuthorities(false);
    const int status = statusNow();
    if (status < 200 || status > 599)
        return {Error{Errc::BadAnswer, u"It did not answer in HTTP"_s, 0}, sent};
    if (!m_headEnded) // libcurl is content with a head that just stops
        return {Error{Errc::Unreachable, u"The connection was cut off"_s, 0}, sent};
    m_response.status = status;
    return {std::move(m_response), sent};
}

/// Only a new connection shows that they can be read.
void Transfer::noteAuthorities(bool unreadable) const
{
    if (!m_rules.authorities || !m_endpoint.secure || !m_message.pin.isEmpty())
        return;
    long connections = 0;
    curl_easy_getinfo(m_handle, CURLINFO_NUM_CONNECTS, &connections);
    if (unreadable || (m_connected && connections > 0))
        m_rules.authorities->note(!unreadable);
}

Error Transfer::errorOf(CURLcode code) const
{
    if (m_refused)
        return {Errc::AddressRefused, u"Its name leads to an address that is not allowed"_s, 0};
    if (m_tooLarge)
        return {Errc::BadAnswer, u"Its answer is too large"_s, 0};
    TransferFault fault{code, 0, 0, m_connected};
    curl_easy_getinfo(m_handle, CURLINFO_SSL_VERIFYRESULT, &fault.certificate);
    curl_easy_getinfo(m_handle, CURLINFO_OS_ERRNO, &fault.system);
    return federation::errorOf(fault);
}

bool Transfer::allows(const QHostAddress &address) const
{
    return m_message.anyAddress || m_rules.addresses.allows(address);
}

/// The very address that is connected to, whatever was resolved before.
curl_socket_t Transfer::onOpen(void *self, curlsocktype /*purpose*/, struct curl_sockaddr *address)
{
    auto *const transfer = static_cast<Transfer *>(self);
    if (!transfer->allows(QHostAddress(&address->addr))) {
        transfer->m_refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// A connection stands, new or kept. A kept one was perhaps opened for a request that has no address rules.
int Transfer::onConnected(void *self, char *peer, char * /*local*/, int /*peerPort*/, int /*localPort*/)
{
    auto *const transfer = static_cast<Transfer *>(self);
    if (!transfer->allows(QHostAddress(QString::fromLatin1(peer)))) { // libcurl printed it, so it is one in full
        transfer->m_refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    transfer->m_connected = true;
    return CURL_PREREQFUNC_OK;
}

size_t Transfer::onHeader(char *data, size_t size, size_t count, void *self)
{
    const size_t bytes = size * count;
    return static_cast<Transfer *>(self)->takeHeaderLine(QByteArrayView(data, qsizetype(bytes))) ? bytes : 0;
}

bool Transfer::takeHeaderLine(QByteArrayView line)
{
    m_headBytes += line.size();
    if (m_headBytes > TransferRules::MostHeadBytes) {
        m_tooLarge = true;
        return false;
    }
    if (line.startsWith("HTTP/")) { // also after a 1xx
        m_response.headers.clear();
        m_headEnded = false;
        // From here on a peer that trickles is cut off; until then it may think for as long as the deadline lets it.
        curl_easy_setopt(m_handle, CURLOPT_LOW_SPEED_LIMIT, long(m_rules.slowBytesPerSecond));
        curl_easy_setopt(m_handle, CURLOPT_LOW_SPEED_TIME, long(m_rules.slowSeconds));
        return true;
    }
    const QByteArrayView text = line.trimmed();
    if (text.isEmpty())
        m_headEnded = true;
    if (m_headEnded) // trailers are nobody's business
        return true;
    const qsizetype colon = text.indexOf(':');
    if (line.startsWith(' ') || line.startsWith('\t')) { // a folded line goes on with the one before
        if (!m_response.headers.empty())
            m_response.headers.back().second += ' ' + text.toByteArray();
    } else if (colon > 0) {
        m_response.headers.emplace_back(text.first(colon).toByteArray().toLower(),
                                        text.sliced(colon + 1).trimmed().toByteArray());
    }
    return true;
}

size_t Transfer::onBody(char *data, size_t size, size_t count, void *self)
{
    return static_cast<Transfer *>(self)->takeBody(QByteArrayView(data, qsizetype(size * count)));
}

size_t Transfer::takeBody(QByteArrayView bytes)
{
    const Intake &intake = m_message.intake;
    if (intake.part && m_window <= 0) {
        m_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    m_bodyBytes += bytes.size();
    if (m_bodyBytes > m_message.mostBytes) {
        m_tooLarge = true;
        return 0;
    }
    if (!intake.part) {
        m_response.body.append(bytes);
        return size_t(bytes.size());
    }
    m_response.status = statusNow();
    if (m_response.isRedirect()) // which will be refused; what it says beside is nobody's business
        return size_t(bytes.size());
    if (!std::exchange(m_headTold, true))
        intake.head(m_response);
    m_window -= bytes.size();
    intake.part(bytes.toByteArray());
    return size_t(bytes.size());
}

void Transfer::goOn(qint64 bytes)
{
    m_window += bytes;
    if (m_paused && m_window > 0) {
        m_paused = false;
        curl_easy_pause(m_handle, CURLPAUSE_CONT); // gives what waits to takeBody before it returns
    }
}

int Transfer::statusNow() const
{
    long status = 0;
    curl_easy_getinfo(m_handle, CURLINFO_RESPONSE_CODE, &status);
    return int(status);
}

} // namespace restante::federation
