// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever bytes come, and however they are cut: the scanner and the parser neither crash nor disagree with themselves.
#include "http/chunkdecoder.h"
#include "http/headscanner.h"
#include "http/requestparser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace restante::http;

namespace
{

/// What a guard would make of one connection's bytes: each request, and how it ended.
QByteArray serve(QByteArrayView bytes, qsizetype step)
{
    const Limits limits;
    HeadScanner scanner(limits);
    RequestParser parser;
    ChunkDecoder chunks;
    QByteArray log;
    QByteArray input;
    QByteArray body;
    RequestHead head;
    Framing framing;
    bool inBody = false;
    qsizetype given = 0;
    while (true) {
        bool waits = false;
        if (!inBody) {
            const auto state = scanner.scan(input);
            if (state == HeadScanner::State::Refused)
                return log + "head " + QByteArray::number(scanner.status());
            if (state == HeadScanner::State::Complete) {
                const auto whole = QByteArrayView(input).first(scanner.end()).sliced(scanner.begin());
                if (const auto refusal = parser.parseHead(whole, head, framing))
                    return log + "head " + QByteArray::number(refusal->status);
                input.remove(0, scanner.end());
                scanner.reset();
                log += head.method + ' ' + head.target + '\n';
                for (const Header &header : head.headers)
                    log += header.name + ": " + header.value + '\n';
                body = QByteArray();
                chunks.begin(1000);
                inBody = true;
                continue;
            }
            waits = true;
        } else if (framing.chunked) {
            const auto progress = chunks.decode(input, body);
            if (progress.refusal)
                return log + "body " + QByteArray::number(progress.refusal->status);
            input.remove(0, progress.consumed);
            inBody = !progress.complete;
            waits = inBody;
        } else {
            if (framing.contentLength > 1000)
                return log + "body refused";
            const qsizetype size = std::min<qsizetype>(input.size(), framing.contentLength - body.size());
            body += input.left(size);
            input.remove(0, size);
            inBody = body.size() < framing.contentLength;
            waits = inBody;
        }
        if (!waits) {
            log += "body " + body + '\n';
            continue;
        }
        if (given == bytes.size())
            return log + "unfinished";
        const qsizetype size = std::min(step, bytes.size() - given);
        input.append(bytes.sliced(given, size));
        given += size;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QByteArrayView bytes(data, qsizetype(size));
    const QByteArray atOnce = serve(bytes, std::max<qsizetype>(1, bytes.size()));
    if (serve(bytes, 1) != atOnce || serve(bytes, 7) != atOnce)
        std::abort();
    return 0;
}
