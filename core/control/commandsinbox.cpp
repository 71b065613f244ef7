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

/// The oldest entry, however often somebody else takes it out in between.
void fetchNext(Request &request)
{
    request.operations().fetchInbox(0, 1, &request, [&request](const Result<node::InboxPage> &page) {
        if (!page)
            return request.finish(page.error());
        if (page->rows.isEmpty())
            return request.finish(QJsonObject{{u"line"_s, QJsonValue()}});
        request.operations().fetchInboxEntry(page->rows.first().id, &request,
                                             [&request](const Result<node::InboxEntry> &entry) {
                                                 if (entry)
                                                     request.finish(entryAnswer(*entry));
                                                 else if (entry.error().code == Errc::NotHeld)
                                                     fetchNext(request);
                                                 else
                                                     request.finish(entry.error());
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
    request.operations().exportInbox(ids, file, &request, request.answer<qint64>([](qint64 count) {
        return QJsonObject{{u"written"_s, count}};
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
