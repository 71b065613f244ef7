// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/arguments.h"
#include "control/commands.h"
#include "control/jsonof.h"
#include "node/inboxexport.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
QJsonObject entryAnswer(const node::InboxEntry &entry)
{
    return lineAnswer(node::inboxLine(entry));
}

QJsonArray idsJson(const QList<qint64> &ids)
{
    return arrayOf(ids, [](qint64 id) { return QJsonValue(id); });
}

/// The oldest entry behind `after` that can be read, however often somebody else takes it out in between. Those that
/// cannot are passed over, and named.
void fetchNext(Request &request, qint64 after = 0, const QList<qint64> &skipped = {})
{
    request.operations().fetchInbox(after, 1, &request, [=, &request](const Result<node::InboxPage> &page) {
        if (!page)
            return request.finish(page.error());
        if (page->rows.isEmpty())
            return request.finish(QJsonObject{{u"line"_s, QJsonValue()}, {u"skipped"_s, idsJson(skipped)}});
        const qint64 id = page->rows.first().id;
        request.operations().fetchInboxEntry(id, &request, [=, &request](const Result<node::InboxEntry> &entry) {
            if (!entry && entry.error().code == Errc::NotHeld)
                return fetchNext(request, after, skipped);
            if (!entry && entry.error().code == Errc::Corrupt)
                return fetchNext(request, id, skipped + QList<qint64>{id});
            if (!entry)
                return request.finish(entry.error());
            QJsonObject answer = entryAnswer(*entry);
            answer.insert(u"skipped"_s, idsJson(skipped));
            request.finish(answer);
        });
    });
}
} // namespace

void tellInbox(Request &request)
{
    Arguments arguments(request.arguments());
    const qint64 after = arguments.number("after"_L1, 0, 0, matrix::EntryId::Largest);
    const qint64 limit = arguments.rows();
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().fetchInbox(
        after, int(limit), &request,
        request.answer<node::InboxPage>([](const node::InboxPage &page) { return jsonOf(page); }));
}

void tellInboxEntry(Request &request)
{
    Arguments arguments(request.arguments());
    const qint64 id = arguments.id("id"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().fetchInboxEntry(id, &request, request.answer<node::InboxEntry>(entryAnswer));
}

void tellNextInboxEntry(Request &request)
{
    if (const auto problem = Arguments(request.arguments()).problem())
        return request.finish(*problem);
    fetchNext(request);
}

void exportInbox(Request &request)
{
    Arguments arguments(request.arguments());
    const QString file = arguments.file("file"_L1);
    const QList<qint64> ids = arguments.ids("ids"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().exportInbox(
        ids, file, &request, request.answer<node::InboxExported>([](const node::InboxExported &exported) {
            return QJsonObject{{u"written"_s, exported.written}, {u"left_out"_s, idsJson(exported.leftOut)}};
        }));
}

void discardInbox(Request &request)
{
    Arguments arguments(request.arguments());
    const QList<qint64> ids = arguments.ids("ids"_L1);
    const bool all = arguments.flag("all"_L1);
    if (all == !ids.isEmpty())
        arguments.refuse(u"Give either the numbers of entries or \"all\""_s);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().discardInbox(ids, &request, request.answer<qint64>([](qint64 count) {
        return QJsonObject{{u"discarded"_s, count}};
    }));
}

} // namespace restante::control
