// SPDX-License-Identifier: GPL-3.0-or-later
// What was collected.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"
#include "node/inboxexport.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

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
    request.operations().fetchInbox(
        node::InboxPart::All, after, 1, &request, [=, &request](const Result<node::InboxPage> &page) {
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

/// Which part of the inbox a request asks for.
node::InboxPart partOf(Arguments &arguments)
{
    const auto text = arguments.givenText("only"_L1);
    if (text == u"waiting"_s)
        return node::InboxPart::Waiting;
    if (text == u"set-aside"_s)
        return node::InboxPart::SetAside;
    if (text)
        arguments.refuse(u"only: waiting or set-aside is expected"_s);
    return node::InboxPart::All;
}

Parameter only()
{
    return {"--only"_L1, "only"_L1,
            Kind::Text,  false,
            "WHICH"_L1,  "list only mail that is \"waiting\" to be delivered, or only what is \"set-aside\""_L1};
}

void tellInbox(Request &request)
{
    Arguments arguments(request.arguments());
    const qint64 after = arguments.number("after"_L1, 0, 0, matrix::EntryId::Largest);
    const qint64 limit = arguments.rows();
    const node::InboxPart part = partOf(arguments);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().fetchInbox(
        part, after, int(limit), &request,
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

void retryInbox(Request &request)
{
    Arguments arguments(request.arguments());
    const QList<qint64> ids = arguments.ids("ids"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().retryInbox(ids, &request, request.answer<qint64>([](qint64 count) {
        return QJsonObject{{u"retried"_s, count}};
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
} // namespace

QList<Command> inboxCommands()
{
    return {
        {"inbox list"_L1,
         "What was collected, and how it stands with its delivery"_L1,
         {only(), after(), limit()},
         Answer::Inbox,
         tellInbox,
         "id"_L1},
        {"inbox show"_L1,
         "Show one collected entry as JSON"_L1,
         {{"ENTRY"_L1, "id"_L1, Kind::Number, true}},
         Answer::Line,
         tellInboxEntry},
        {"inbox next"_L1,
         "Print the oldest collected entry as one line of JSON, or nothing if there is none"_L1,
         {},
         Answer::RawLine,
         tellNextInboxEntry},
        {"inbox export"_L1,
         "Write collected entries to a file, one JSON object a line"_L1,
         {file(), entries()},
         Answer::InboxWritten,
         exportInbox},
        {"inbox retry"_L1,
         "Deliver collected entries again that the homeserver did not take; without ENTRY all of them"_L1,
         {entries()},
         Answer::Retried,
         retryInbox},
        {"inbox discard"_L1,
         "Throw away collected entries"_L1,
         {entries(), all()},
         Answer::Discarded,
         discardInbox,
         {},
         true},
    };
}

} // namespace restante::control
