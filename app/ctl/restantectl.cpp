// SPDX-License-Identifier: GPL-3.0-or-later
// restantectl: talks to the restante or restanted that runs with a data folder.
#include "base/heldfolder.h"
#include "base/inputfile.h"
#include "base/ondisk.h"
#include "base/printable.h"
#include "base/standardstreams.h"
#include "base/taskthread.h"
#include "control/client.h"
#include "control/protocol.h"
#include "ctl/answers.h"
#include "ctl/arguments.h"
#include "ctl/completion.h"
#include "ctl/help.h"
#include "ctl/offline.h"
#include "ctl/passphrase.h"
#include "ctl/show.h"
#include "ctl/text.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDeadlineTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QStringDecoder>
#include <QtCore/QThread>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

using namespace restante;
using namespace Qt::Literals::StringLiterals;

namespace
{
enum Status { Done = 0, Failed = 1, WrongUsage = 2, NotRunning = 3 };

constexpr qint64 PageRows = 500;

/// One line on standard error, whatever a stranger or a program put into it.
void complain(const QString &line)
{
    std::fprintf(stderr, "restantectl: %s\n", base::printable(line).toUtf8().constData());
}

int fail(const Error &error, Status status = Failed)
{
    complain(error.detail.isEmpty() ? QString(control::errcName(error.code)) : error.detail);
    return status;
}

/// Prints `text`; the exit status.
int print(const QString &text, Status status = Done)
{
    const auto printed = base::printOut(text.toUtf8());
    return printed ? status : fail(printed.error());
}

QString jsonText(const QJsonObject &value)
{
    // A carried line is JSON already; read and written again it would not be the same.
    const QJsonValue line = value.value("line"_L1);
    if (line.isUndefined())
        return QString::fromUtf8(QJsonDocument(value).toJson(QJsonDocument::Compact)) + u'\n';
    return line.toString(u"null"_s) + u'\n';
}

/// Everything up to the end, at most `most` bytes. A pipe has it in pieces, with any time between them.
Result<QByteArray> readToEnd(int descriptor, qsizetype most)
{
    constexpr qsizetype piece = 65'536;
    QByteArray bytes;
    while (bytes.size() < most) {
        const qsizetype used = bytes.size();
        bytes.resize(used + std::min(piece, most - used));
        const ssize_t got = ::read(descriptor, bytes.data() + used, size_t(bytes.size() - used));
        const int error = errno;
        bytes.resize(used + std::max<qsizetype>(got, 0));
        if (got < 0 && error != EINTR)
            return {Errc::Io, qt_error_string(error)};
        if (got == 0)
            break;
    }
    return bytes;
}

/// Puts the text of files in the place of their names.
Result<void> readContents(const control::Command &command, QJsonObject &arguments)
{
    for (const control::Parameter &parameter : command.parameters) {
        if (parameter.kind != control::Parameter::Kind::Content)
            continue;
        const QString name = arguments.value(parameter.key).toString();
        QFile file(name);
        if (name == "-"_L1) {
            if (!file.open(stdin, QIODevice::ReadOnly))
                return base::fileError(name, "read"_L1, file.errorString());
        } else if (const auto opened = base::openToRead(file, base::Pipes::Read); !opened) {
            return base::fileError(name, "read"_L1, opened.error().detail);
        }
        const auto bytes = readToEnd(file.handle(), control::LongestLine + 1);
        if (!bytes)
            return base::fileError(name, "read"_L1, bytes.error().detail);
        if (bytes->size() > control::LongestLine)
            return {Errc::TooLarge, u"%1 is larger than allowed"_s.arg(name)};
        QStringDecoder decoder(QStringDecoder::Utf8, QStringConverter::Flag::Stateless);
        const QString text = decoder(*bytes);
        if (decoder.hasError())
            return {Errc::NotJson, u"%1 is not UTF-8"_s.arg(name)};
        arguments.insert(parameter.key, text);
    }
    return {};
}

/// Asks for page after page and puts them together, at most as many rows as were asked for.
Result<QJsonObject> askForPages(control::Client &client, const ctl::Invocation &invocation)
{
    QJsonObject arguments = invocation.arguments;
    qint64 left = arguments.contains("limit"_L1) ? arguments.value("limit"_L1).toInteger() : -1;
    QJsonArray rows;
    while (true) {
        arguments.insert(u"limit"_s, left < 0 ? PageRows : std::min(left, PageRows));
        auto page = client.call(invocation.command->words, arguments);
        if (!page)
            return page.error();
        const QJsonArray more = page->value("rows"_L1).toArray();
        for (const auto &row : more)
            rows.append(row);
        left -= left < 0 ? 0 : more.size();
        if (!page->value("more"_L1).toBool() || more.isEmpty() || left == 0) {
            page->insert(u"rows"_s, rows);
            return page;
        }
        arguments.insert(u"after"_s, more.last().toObject().value(invocation.command->rowId));
    }
}

Result<QJsonObject> ask(control::Client &client, const ctl::Invocation &invocation)
{
    if (!invocation.command->rowId.isEmpty())
        return askForPages(client, invocation);
    QJsonObject last;
    return client.call(invocation.command->words, invocation.arguments, [&](const QJsonObject &progress) {
        // Where that cannot be written the answer cannot either, and says so.
        if (!invocation.json) [[maybe_unused]]
            const auto printed = base::printOut(ctl::showProgress(progress, last).toUtf8());
    });
}

int tell(const ctl::Invocation &invocation, const QJsonObject &value)
{
    const int printed = print(invocation.json ? jsonText(value) : ctl::shown(invocation.command->answer, value));
    const QStringList failures = ctl::failuresIn(invocation.command->answer, value);
    for (const QString &line : failures)
        complain(line);
    // A line that was asked for and is there is not a failure, even if another one had to be passed over.
    return failures.isEmpty() || value.value("line"_L1).isString() ? printed : Failed;
}

int help(const ctl::Invocation &invocation)
{
    const bool topical = invocation.command && invocation.command->words == "help"_L1;
    const QString topic = invocation.arguments.value("command"_L1).toString();
    const control::Command *command = topical ? control::findCommand(topic) : invocation.command;
    if (command)
        return print(ctl::helpOn(*command));
    // Of "relay" there is only what can be done with it.
    QString list;
    for (const control::Command &each : control::commands()) {
        if (!topic.isEmpty() && QString(each.words).startsWith(topic + u' '))
            list += ctl::helpOn(each) + u'\n';
    }
    if (!topic.isEmpty() && list.isEmpty())
        return fail({Errc::InvalidParam, u"there is no command \"%1\"; see restantectl --help"_s.arg(topic)},
                    WrongUsage);
    return print(list.isEmpty() ? ctl::overview() : list);
}

int runOffline(ctl::OfflineCommand command, const ctl::Invocation &invocation)
{
    const ctl::Interruption interruption;
    const auto answer = command(invocation);
    if (answer)
        return tell(invocation, *answer);
    const Errc code = answer.error().code;
    return fail(answer.error(), code == Errc::InvalidSetting || code == Errc::AlreadyRunning ? WrongUsage : Failed);
}

/// Connects. A program that has taken the folder but does not listen yet is waited for.
Result<std::unique_ptr<control::Client>> connectTo(const QString &dataFolder)
{
    constexpr int startingMs = 3'000;
    constexpr int retryMs = 50;
    const QDeadlineTimer deadline(startingMs);
    while (true) {
        auto client = control::Client::open(dataFolder);
        if (client || client.error().code != Errc::Unreachable || deadline.hasExpired() ||
            !base::HeldFolder::holder(dataFolder))
            return client;
        QThread::msleep(retryMs);
    }
}

int run(ctl::Invocation invocation)
{
    if (const auto read = readContents(*invocation.command, invocation.arguments); !read)
        return fail(read.error());
    const auto client = connectTo(invocation.dataFolder);
    if (!client) {
        const bool nobody =
            client.error().code == Errc::Unreachable && !base::HeldFolder::holder(invocation.dataFolder);
        return fail(client.error(), nobody ? NotRunning : Failed);
    }
    const auto answer = ask(**client, invocation);
    return answer ? tell(invocation, *answer) : fail(answer.error());
}
} // namespace

int main(int argc, char **argv)
{
    base::openStandardStreams();
    base::useLightEventLoops();
    const QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"restantectl"_s);

    const QStringList words = QCoreApplication::arguments().sliced(1);
    if (words.value(0) == "--complete"_L1) // for the shell, see packaging/completion
        return print(ctl::completions(words.sliced(1)).join(u'\n') + u'\n');
    const auto invocation = ctl::Invocation::parse(words);
    if (!invocation)
        return fail(invocation.error(), WrongUsage);
    if (invocation->version)
        return print(u"restantectl %1\n"_s.arg(QStringLiteral(RESTANTE_VERSION)));
    if (invocation->help || invocation->command->words == "help"_L1)
        return help(*invocation);
    if (const auto offline = ctl::findOffline(invocation->command->words))
        return runOffline(offline, *invocation);
    return run(*invocation);
}
