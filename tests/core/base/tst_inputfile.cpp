// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/inputfile.h"
#include "files.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <thread>

using namespace restante;
using namespace Qt::Literals::StringLiterals;

class TestInputFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        test::write(at(u"file"_s), "text");
        QVERIFY(QFile::link(at(u"file"_s), at(u"link"_s)));
        QVERIFY(QFile::link(at(u"missing"_s), at(u"broken"_s)));
        QVERIFY(QDir(m_folder->path()).mkdir(u"folder"_s));
        QCOMPARE(::mkfifo(QFile::encodeName(at(u"pipe"_s)).constData(), S_IRUSR | S_IWUSR), 0);
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        const QByteArray path = QFile::encodeName(at(u"socket"_s));
        QVERIFY(size_t(path.size()) < sizeof name.sun_path);
        std::memcpy(name.sun_path, path.constData(), size_t(path.size()));
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        QCOMPARE(::bind(socket, reinterpret_cast<const sockaddr *>(&name), sizeof name), 0);
        ::close(socket);
    }

    void what_is_no_file_is_not_read_and_is_named_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("problem"); ///< empty: it is read
        QTest::newRow("file") << u"file"_s << QString();
        QTest::newRow("link") << u"link"_s << QString();
        QTest::newRow("nothing") << u"missing"_s << u"No such file or directory"_s;
        QTest::newRow("link to nothing") << u"broken"_s << u"No such file or directory"_s;
        QTest::newRow("folder") << u"folder"_s << u"It is a folder, not a file"_s;
        QTest::newRow("pipe") << u"pipe"_s << u"It is a pipe, not a file"_s;
        QTest::newRow("socket") << u"socket"_s << u"It is a socket, not a file"_s;
        QTest::newRow("device") << u"/dev/null"_s << u"It is a device, not a file"_s;
    }
    void what_is_no_file_is_not_read_and_is_named()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, problem);
        QFile file(at(name));
        const auto opened = base::openToRead(file);
        QCOMPARE(opened.ok(), problem.isEmpty());
        if (!opened) {
            QCOMPARE(opened.error().detail, problem);
            QVERIFY(!file.isOpen());
            return;
        }
        QCOMPARE(file.readAll(), "text");
        QCOMPARE(file.fileName(), at(name));
    }

    void a_pipe_that_is_wanted_is_read_to_its_end()
    {
        std::thread writer([path = QFile::encodeName(at(u"pipe"_s))] {
            const int pipe = ::open(path.constData(), O_WRONLY | O_CLOEXEC);
            for (const char *part : {"one ", "two"}) {
                if (::write(pipe, part, std::strlen(part)) < 0)
                    break;
            }
            ::close(pipe);
        });
        QFile file(at(u"pipe"_s));
        const auto opened = base::openToRead(file, base::Pipes::Read);
        QByteArray text;
        std::array<char, 16> piece{};
        for (qint64 got = 1; opened && got > 0; text.append(piece.data(), qsizetype(std::max<qint64>(got, 0))))
            got = file.read(piece.data(), piece.size());
        writer.join();
        QVERIFY(opened.ok());
        QCOMPARE(text, "one two");
    }

    void a_pipe_that_nobody_writes_into_is_given_up()
    {
        QFile file(at(u"pipe"_s));
        QCOMPARE(base::openToRead(file, base::Pipes::Read).error().detail,
                 u"It is a pipe, and nobody writes into it"_s);
    }

    void what_is_appended_to_is_made_for_its_owner_and_waits_for_no_reader()
    {
        QFile made;
        QVERIFY(base::openToAppend(made, at(u"new"_s)).ok());
        QCOMPARE(made.write("a"), 1);
        QCOMPARE(QFile::permissions(at(u"new"_s)), test::OwnerOnly);
        QFile known;
        QVERIFY(base::openToAppend(known, at(u"file"_s)).ok());
        QCOMPARE(known.size(), 4);
        QCOMPARE(known.write("!"), 1);
        QCOMPARE(test::read(at(u"file"_s)), "text!");
        for (const QString &name : {u"pipe"_s, u"socket"_s}) {
            QFile file;
            QCOMPARE(base::openToAppend(file, at(name)).error().detail,
                     u"It is a pipe that nobody reads, or a socket"_s);
        }
        QFile folder;
        QVERIFY(!base::openToAppend(folder, at(u"folder"_s)));
    }

private:
    QString at(const QString &name) const { return name.startsWith(u'/') ? name : m_folder->filePath(name); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestInputFile)
#include "tst_inputfile.moc"
