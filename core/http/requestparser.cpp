// SPDX-License-Identifier: GPL-3.0-or-later
// The only translation unit that includes Boost.Beast.
#include "http/requestparser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <limits>

namespace restante::http
{

namespace
{

namespace beast = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr qsizetype longestMethod = 32;
constexpr qsizetype longestLength = 15; ///< digits of a Content-Length; more than any body that could be meant

QByteArray bytesOf(string_view text)
{
    return {text.data(), qsizetype(text.size())};
}

bool equals(string_view text, const char *lower)
{
    return QByteArrayView(text.data(), qsizetype(text.size())).compare(lower, Qt::CaseInsensitive) == 0;
}

bool isDigits(string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What may stand in a Host field or an authority: names, IPv4, bracketed IPv6, a port. No user info, no path.
bool isAuthority(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_' || c == ':' || c == '[' || c == ']' || c == '%' || c == '~';
    });
}

/// HeadScanner refuses folded lines in what it reads; here again, because Beast would join them silently.
bool hasFoldedLine(QByteArrayView bytes)
{
    for (qsizetype at = bytes.indexOf('\n') + 1; at > 0 && at < bytes.size(); at = bytes.indexOf('\n', at) + 1) {
        if (bytes[at] == ' ' || bytes[at] == '\t')
            return true;
    }
    return false;
}

/// Calls `use` with each element of a comma-separated list, without surrounding white space.
template <typename Use>
void forEachElement(string_view list, Use use)
{
    while (true) {
        const auto comma = list.find(',');
        string_view element = list.substr(0, comma);
        while (!element.empty() && (element.front() == ' ' || element.front() == '\t'))
            element.remove_prefix(1);
        while (!element.empty() && (element.back() == ' ' || element.back() == '\t'))
            element.remove_suffix(1);
        use(element);
        if (comma == string_view::npos)
            return;
        list.remove_prefix(comma + 1);
    }
}

/// "HTTP/9.9" is a version that is not spoken here, "http 1" is not a version.
bool isForeignVersion(QByteArrayView line)
{
    const qsizetype space = line.lastIndexOf(' ');
    const QByteArrayView version = line.sliced(space + 1);
    const auto digit = [&](qsizetype at) { return version[at] >= '0' && version[at] <= '9'; };
    return version.size() == 8 && version.startsWith("HTTP/") && digit(5) && version[6] == '.' && digit(7) &&
           version != "HTTP/1.0" && version != "HTTP/1.1";
}

/// Beast's parser with our own ear: fields go straight to where they are kept.
class HeadParser final : public beast::basic_parser<true>
{
public:
    HeadParser(RequestHead &head, Framing &framing)
        : m_head(head)
        , m_framing(framing)
    {
        // Limits are ours: HeadScanner's for the head, the gate's for the body.
        header_limit(std::numeric_limits<std::uint32_t>::max());
        body_limit(std::numeric_limits<std::uint64_t>::max());
        eager(true);
    }

    std::optional<Refusal> refusal;
    int hosts = 0;
    int lengths = 0;
    int codings = 0;
    bool close = false;
    bool keepAlive = false;

private:
    void refuse(int status, const char *reason, error_code &ec)
    {
        refusal = Refusal{status, reason};
        ec = beast::error::bad_value;
    }

    void on_request_impl(beast::verb, string_view method, string_view target, int version, error_code &) override
    {
        m_head.method = bytesOf(method);
        m_head.target = bytesOf(target);
        m_framing.http10 = version == 10;
    }

    void on_field_impl(beast::field field, string_view name, string_view value, error_code &ec) override
    {
        switch (field) {
        case beast::field::host:
            ++hosts;
            if (!isAuthority(QByteArrayView(value.data(), qsizetype(value.size()))))
                return refuse(400, "The Host field does not name a host", ec);
            break;
        case beast::field::content_length:
            ++lengths;
            if (value.empty() || qsizetype(value.size()) > longestLength || !isDigits(value))
                return refuse(400, "The Content-Length is not a number", ec);
            m_framing.contentLength = bytesOf(value).toLongLong();
            break;
        case beast::field::transfer_encoding:
            ++codings;
            if (!equals(value, "chunked"))
                return refuse(501, "The only transfer coding spoken here is chunked", ec);
            m_framing.chunked = true;
            break;
        case beast::field::connection:
        case beast::field::proxy_connection:
            forEachElement(value, [this](string_view element) {
                close |= equals(element, "close");
                keepAlive |= equals(element, "keep-alive");
            });
            break;
        case beast::field::expect:
            if (!equals(value, "100-continue"))
                m_framing.expectation = Framing::Expectation::Unknown;
            else if (m_framing.expectation == Framing::Expectation::None)
                m_framing.expectation = Framing::Expectation::Continue;
            break;
        default:
            if (equals(name, "x-forwarded-for"))
                m_framing.forwardedFor = bytesOf(value);
        }
        m_head.headers.push_back({bytesOf(name), bytesOf(value)});
    }

    // What this parser has no use for.
    void on_response_impl(int, string_view, int, error_code &) override {}
    void on_header_impl(error_code &) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t> &, error_code &) override {}
    std::size_t on_body_impl(string_view bytes, error_code &) override { return bytes.size(); }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code &) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code &) override { return bytes.size(); }
    void on_finish_impl(error_code &) override {}

    RequestHead &m_head;
    Framing &m_framing;
};

/// The scheme of an absolute-form target, lower case; null if it has none that is spoken here.
QByteArray schemeOf(const QByteArray &target)
{
    for (const QByteArrayView scheme : {"https", "http", "matrix-federation"}) {
        const QByteArray begin = target.left(scheme.size() + 3).toLower();
        if (begin.endsWith("://") && begin.startsWith(scheme))
            return scheme.toByteArray();
    }
    return {};
}

/// Brings the target to origin-form. `scheme` and `authority` receive what an absolute-form names.
std::optional<Refusal> normaliseTarget(QByteArray &target, QByteArray &scheme, QByteArray &authority)
{
    for (const char c : std::as_const(target)) {
        if (c <= 0x20 || c >= 0x7f || c == '#' || c == '\\')
            return Refusal{400, "The request target has a character that must be encoded"};
    }
    if (target.startsWith('/'))
        return std::nullopt;
    scheme = schemeOf(target);
    if (scheme.isNull())
        return Refusal{400, "The request target is not a path"};
    const qsizetype begin = scheme.size() + 3;
    qsizetype end = begin;
    while (end < target.size() && target[end] != '/' && target[end] != '?')
        ++end;
    authority = target.mid(begin, end - begin);
    if (authority.isEmpty() || !isAuthority(authority))
        return Refusal{400, "The request target names no host"};
    target.remove(0, end);
    if (!target.startsWith('/'))
        target.prepend('/');
    return std::nullopt;
}

} // namespace

std::optional<Refusal> RequestParser::parseHead(QByteArrayView bytes, RequestHead &head, Framing &framing)
{
    if (hasFoldedLine(bytes))
        return Refusal{400, "A line begins with white space"};
    head = RequestHead();
    framing = Framing();
    head.headers.reserve(12);
    HeadParser found(head, framing);
    error_code ec;
    const auto consumed = found.put(boost::asio::buffer(bytes.data(), std::size_t(bytes.size())), ec);
    if (found.refusal)
        return found.refusal;
    if (ec == beast::error::bad_version && isForeignVersion(bytes.first(bytes.indexOf("\r\n"))))
        return Refusal{505, "Only HTTP/1.0 and HTTP/1.1 are spoken here"};
    if (ec || !found.is_header_done() || qsizetype(consumed) != bytes.size())
        return Refusal{400, "The request is not HTTP"};

    if (head.method.size() > longestMethod || head.method == "CONNECT" || head.method == "TRACE")
        return Refusal{501, "This method is not implemented"};
    if (found.hosts > 1 || (found.hosts == 0 && !framing.http10))
        return Refusal{400, "A request has exactly one Host field"};
    if (found.lengths > 1 || found.codings > 1 || (found.lengths > 0 && found.codings > 0))
        return Refusal{400, "The length of the body is given more than once"};
    if (found.codings > 0 && framing.http10)
        return Refusal{400, "HTTP/1.0 knows no transfer codings"};

    QByteArray authority;
    if (const auto refusal = normaliseTarget(head.target, head.scheme, authority))
        return refusal;
    if (!authority.isEmpty()) { // it decides, whatever Host says beside it (RFC 9112, 3.2.2)
        std::erase_if(head.headers,
                      [](const Header &header) { return header.name.compare("host", Qt::CaseInsensitive) == 0; });
        head.headers.push_back({QByteArrayLiteral("Host"), authority});
    }
    framing.keepAlive = !found.close && (!framing.http10 || found.keepAlive);
    if (framing.http10)
        framing.expectation = Framing::Expectation::None; // RFC 9110, 10.1.1
    head.hasBody = framing.chunked || framing.contentLength > 0;
    head.contentLength = found.lengths > 0 ? framing.contentLength : -1;
    return std::nullopt;
}

} // namespace restante::http
