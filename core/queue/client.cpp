// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/entrystore.h"
#include "queue/writer.h"
#include "queue/writerthread.h"

#include <QtCore/QHash>
#include <QtCore/QThread>

namespace restante::queue
{

namespace
{
constexpr qint64 FixedCost = 512; // of an operation beside its bodies
}

class Client::Private
{
public:
    explicit Private(WriterThread &writer)
        : m_writer(writer)
        , m_port(std::make_shared<ClientPort>())
        , m_box([this](std::vector<Answer> answers) { deliver(std::move(answers)); })
    {
        m_port->box = &m_box;
    }
    ~Private()
    {
        const std::lock_guard lock(m_port->mutex);
        m_port->box = nullptr;
    }
    Q_DISABLE_COPY_MOVE(Private)

    void perform(Operation::Task task, std::function<void(Result<void>)> done)
    {
        Operation operation;
        operation.cost = FixedCost;
        operation.what = std::move(task);
        ask(std::move(operation), [done = std::move(done)](Answer answer) {
            done(answer.error ? Result<void>(*std::move(answer.error)) : Result<void>());
        });
    }
    /// The closures stay in this thread; only a number travels.
    void ask(Operation operation, std::function<void(Answer)> done)
    {
        Q_ASSERT(QThread::currentThread() == m_thread);
        const quint64 token = ++m_lastToken;
        operation.port = m_port;
        operation.token = token;
        m_waiting.emplace(token, std::move(done));
        if (m_writer.submit(std::move(operation)))
            return;
        Answer answer;
        answer.token = token;
        answer.error = Error{Errc::Busy, QStringLiteral("Too much is waiting to be stored."), RetryMs};
        m_box.post(std::move(answer));
    }
    const matrix::DigestKey &digestKey() const { return m_writer.digestKey(); }
    void tell(Operation operation)
    {
        Q_ASSERT(QThread::currentThread() == m_thread);
        m_writer.submit(std::move(operation));
    }

private:
    static constexpr qint64 RetryMs = 1'000;

    void deliver(std::vector<Answer> answers)
    {
        for (Answer &answer : answers) {
            if (auto done = m_waiting.take(answer.token))
                done(std::move(answer));
        }
    }

    WriterThread &m_writer;
    std::shared_ptr<ClientPort> m_port;
    QThread *m_thread = QThread::currentThread();
    quint64 m_lastToken = 0;
    QHash<quint64, std::function<void(Answer)>> m_waiting;
    base::Mailbox<Answer> m_box;
};

Client::Client(Writer &writer)
    : d(std::make_unique<Private>(*writer.m_thread))
{
}

Client::~Client() = default;

const matrix::DigestKey &Client::digestKey() const
{
    return d->digestKey();
}

void Client::store(StoreRequest request, std::function<void(Result<Stored>)> done)
{
    Operation operation;
    operation.cost = EntryStore::sizeOf(request) + FixedCost;
    operation.what = Operation::Store{std::move(request), {}};
    d->ask(std::move(operation), [done = std::move(done)](Answer answer) {
        done(answer.error ? Result<Stored>(*std::move(answer.error)) : Result<Stored>(answer.stored));
    });
}

void Client::acknowledge(const matrix::ServerName &destination, matrix::EntryId id, qint64 arrival)
{
    Operation operation;
    operation.cost = FixedCost;
    operation.what = Operation::Acknowledge{destination, {id, arrival}};
    d->tell(std::move(operation));
}

void Client::acknowledgeSent(const matrix::ServerName &destination, matrix::EntryId id)
{
    Operation operation;
    operation.cost = FixedCost;
    operation.what = Operation::Acknowledge{destination, {id, 0}, true};
    d->tell(std::move(operation));
}

void Client::discard(const matrix::ServerName &destination, QList<matrix::EntryId> ids,
                     std::function<void(Result<qint64>)> done)
{
    Operation operation;
    operation.cost = FixedCost + ids.size() * qsizetype(sizeof(matrix::EntryId));
    operation.what = Operation::Discard{destination, std::move(ids), 0, 0};
    d->ask(std::move(operation), [done = std::move(done)](Answer answer) {
        done(answer.error ? Result<qint64>(*std::move(answer.error)) : Result<qint64>(answer.count));
    });
}

void Client::discardAll(const matrix::ServerName &destination, std::function<void(Result<qint64>)> done)
{
    Operation operation;
    operation.cost = FixedCost;
    operation.what = Operation::DiscardAll{destination, {}, 0};
    d->ask(std::move(operation), [done = std::move(done)](Answer answer) {
        done(answer.error ? Result<qint64>(*std::move(answer.error)) : Result<qint64>(answer.count));
    });
}

void Client::report(const Error &error)
{
    Operation operation;
    operation.what = Operation::Trouble{error};
    d->tell(std::move(operation));
}

void Client::perform(std::function<Result<void>(base::Database &)> task, std::function<void(Result<void>)> done)
{
    d->perform({std::move(task), false}, std::move(done));
}

void Client::performDurably(std::function<Result<void>(base::Database &)> task, std::function<void(Result<void>)> done)
{
    d->perform({std::move(task), true}, std::move(done));
}

void Client::quarantine(const matrix::ServerName &destination, matrix::EntryId id)
{
    Operation operation;
    operation.cost = FixedCost;
    operation.what = Operation::Quarantine{destination, id};
    d->tell(std::move(operation));
}

} // namespace restante::queue
