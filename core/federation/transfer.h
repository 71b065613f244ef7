// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/addressrules.h"
#include "federation/authoritiesnote.h"
#include "federation/caller.h"
#include "federation/endpoint.h"

#include <curl/curl.h>

namespace restante::federation
{

class CurlLoop;

/// Takes an answer as it comes. Called from inside libcurl: neither may destroy the Transfer.
struct Intake {
    std::function<void(Response)> head; ///< once, with the first byte of the body
    std::function<void(QByteArray)> part;
};

/// What is sent, the same wherever it is taken. Checked already: nothing in it can end a line.
struct Message {
    QByteArray method;
    QByteArray target;
    QByteArray body;
    Headers headers;         ///< all but Host and Content-Length
    QByteArray pin;          ///< as in FixedPeer
    bool anyAddress = false; ///< the operator typed the place in: no address rules
    qint64 mostBytes = 0;
    Intake intake; ///< empty: the answer is gathered
};

/// What every transfer has in common.
struct TransferRules {
    AddressRules addresses;
    QByteArray caFile; ///< PEM, besides the system's; empty = none
    int slowSeconds = 20;
    int slowBytesPerSecond = 256;
    AuthoritiesNote *authorities = nullptr; ///< hears whether certificates can be checked; outlives the transfers

    static constexpr qint64 MostHeadBytes = qint64(64) * 1024;
};

/// One message to one address of one endpoint: one easy handle. Lives in the client's thread; destroying it breaks it
/// off. Rules and loop outlive it.
class Transfer
{
public:
    struct Result {
        restante::Result<Response> answer;
        bool sent = false; ///< some of the message may have reached the peer
    };
    /// May destroy the Transfer.
    using Finished = std::function<void(Result)>;

    Transfer(CurlLoop &loop, const TransferRules &rules, const Message &message, const Endpoint &endpoint,
             const QHostAddress &address, int connectMs, int totalMs);
    ~Transfer();
    Q_DISABLE_COPY_MOVE(Transfer)

    /// `finished` is called once, never from inside this call.
    void start(Finished finished);
    /// Whether the connection stands.
    bool isConnected() const { return m_connected; }
    /// Whether the first line of an answer came.
    bool hasAnswered() const { return m_headBytes > 0; }
    /// The intake takes `bytes` more bytes.
    void goOn(qint64 bytes);

private:
    void setMessage();
    void setPlace(int connectMs, int totalMs);
    void setTrust();
    QByteArray caFileToUse() const;
    void addField(const QByteArray &name, const QByteArray &value);
    Result conclude(CURLcode code);
    Error errorOf(CURLcode code) const;
    void noteAuthorities(bool unreadable) const;
    bool takeHeaderLine(QByteArrayView line);
    bool allows(const QHostAddress &address) const;
    size_t takeBody(QByteArrayView bytes);
    int statusNow() const;

    static size_t onHeader(char *data, size_t size, size_t count, void *self);
    static size_t onBody(char *data, size_t size, size_t count, void *self);
    static curl_socket_t onOpen(void *self, curlsocktype purpose, struct curl_sockaddr *address);
    static int onConnected(void *self, char *peer, char *local, int peerPort, int localPort);

    CurlLoop &m_loop;
    const TransferRules &m_rules;
    const Message m_message; ///< libcurl reads the body from here
    const Endpoint m_endpoint;
    const QHostAddress m_address;
    CURL *const m_handle;
    curl_slist *m_fields = nullptr;
    curl_slist *m_connectTo = nullptr;
    Finished m_finished;
    Response m_response;
    qint64 m_headBytes = 0;
    qint64 m_bodyBytes = 0;
    qint64 m_window = Caller::WindowBytes; ///< what the intake takes unasked
    bool m_paused = false;
    bool m_headTold = false;
    bool m_headEnded = false;
    bool m_connected = false;
    bool m_refused = false; ///< by the address rules
    bool m_tooLarge = false;
};

} // namespace restante::federation
