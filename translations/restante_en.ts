<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>EventWords</name>
    <message numerus="yes">
        <source>%Ln message(s)</source>
        <translation>
            <numerusform>%Ln message</numerusform>
            <numerusform>%Ln messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln encrypted message(s)</source>
        <translation>
            <numerusform>%Ln encrypted message</numerusform>
            <numerusform>%Ln encrypted messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sticker(s)</source>
        <translation>
            <numerusform>%Ln sticker</numerusform>
            <numerusform>%Ln stickers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln reaction(s)</source>
        <translation>
            <numerusform>%Ln reaction</numerusform>
            <numerusform>%Ln reactions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln deletion(s)</source>
        <translation>
            <numerusform>%Ln deletion</numerusform>
            <numerusform>%Ln deletions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln membership change(s)</source>
        <translation>
            <numerusform>%Ln membership change</numerusform>
            <numerusform>%Ln membership changes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new room(s)</source>
        <translation>
            <numerusform>%Ln new room</numerusform>
            <numerusform>%Ln new rooms</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>typing (%Ln)</source>
        <translation>
            <numerusform>typing</numerusform>
            <numerusform>typing (%Ln)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>presence (%Ln)</source>
        <translation>
            <numerusform>presence</numerusform>
            <numerusform>presence (%Ln)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>read receipts (%Ln)</source>
        <translation>
            <numerusform>read receipts</numerusform>
            <numerusform>read receipts (%Ln)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln message(s) to devices</source>
        <translation>
            <numerusform>%Ln message to devices</numerusform>
            <numerusform>%Ln messages to devices</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln device list(s)</source>
        <translation>
            <numerusform>%Ln device list</numerusform>
            <numerusform>%Ln device lists</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln set(s) of signing keys</source>
        <translation>
            <numerusform>%Ln set of signing keys</numerusform>
            <numerusform>%Ln sets of signing keys</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln room setting(s)</source>
        <translation>
            <numerusform>%Ln room setting</numerusform>
            <numerusform>%Ln room settings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln call signal(s)</source>
        <translation>
            <numerusform>%Ln call signal</numerusform>
            <numerusform>%Ln call signals</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln other event(s)</source>
        <translation>
            <numerusform>%Ln other event</numerusform>
            <numerusform>%Ln other events</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln other notice(s)</source>
        <translation>
            <numerusform>%Ln other notice</numerusform>
            <numerusform>%Ln other notices</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>%Ln more</numerusform>
            <numerusform>%Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message numerus="yes">
        <source>%n min ago</source>
        <translation>
            <numerusform>%n min ago</numerusform>
            <numerusform>%n min ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h ago</source>
        <translation>
            <numerusform>%n h ago</numerusform>
            <numerusform>%n h ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RelayWords</name>
    <message numerus="yes">
        <source>%Ln piece(s) of mail so far</source>
        <translation>
            <numerusform>%Ln piece of mail so far</numerusform>
            <numerusform>%Ln pieces of mail so far</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source> and %Ln more</source>
        <translation>
            <numerusform> and %Ln more</numerusform>
            <numerusform> and %Ln more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>from %Ln relay(s)</source>
        <translation>
            <numerusform>from %Ln relay</numerusform>
            <numerusform>from %Ln relays</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new piece(s) of mail %1.</source>
        <translation>
            <numerusform>%Ln new piece of mail %1.</numerusform>
            <numerusform>%Ln new pieces of mail %1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Warnings</name>
    <message numerus="yes">
        <source>Mail could not be collected from %Ln of your relays.</source>
        <translation>
            <numerusform>Mail could not be collected from %Ln of your relays.</numerusform>
            <numerusform>Mail could not be collected from %Ln of your relays.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>And %Ln more like this.</source>
        <translation>
            <numerusform>And %Ln more like this.</numerusform>
            <numerusform>And %Ln more like this.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::DestinationModel</name>
    <message numerus="yes">
        <source>%Ln piece(s) of mail expired without being collected</source>
        <translation>
            <numerusform>%Ln piece of mail expired without being collected</numerusform>
            <numerusform>%Ln pieces of mail expired without being collected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::EntryModel</name>
    <message numerus="yes">
        <source>%Ln byte(s)</source>
        <translation>
            <numerusform>%Ln byte</numerusform>
            <numerusform>%Ln bytes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::InboxPage</name>
    <message numerus="yes">
        <source>%Ln piece(s) of mail collected (%1)</source>
        <translation>
            <numerusform>%Ln piece of mail collected (%1)</numerusform>
            <numerusform>%Ln pieces of mail collected (%1)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Discard %Ln collected piece(s) of mail? The relays have forgotten them; they cannot be collected again.</source>
        <translation>
            <numerusform>Discard %Ln collected piece of mail? The relays have forgotten it; it cannot be collected again.</numerusform>
            <numerusform>Discard %Ln collected pieces of mail? The relays have forgotten them; they cannot be collected again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail discarded.</source>
        <translation>
            <numerusform>%Ln piece of mail discarded.</numerusform>
            <numerusform>%Ln pieces of mail discarded.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail written to %1.</source>
        <translation>
            <numerusform>%Ln piece of mail written to %1.</numerusform>
            <numerusform>%Ln pieces of mail written to %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail will be tried again.</source>
        <translation>
            <numerusform>%Ln piece of mail will be tried again.</numerusform>
            <numerusform>%Ln pieces of mail will be tried again.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::OutboxModel</name>
    <message numerus="yes">
        <source>Failed %Ln time(s)</source>
        <translation>
            <numerusform>Failed %Ln time</numerusform>
            <numerusform>Failed %Ln times</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::OverviewPage</name>
    <message numerus="yes">
        <source>%Ln could not be asked</source>
        <translation>
            <numerusform>%Ln could not be asked</numerusform>
            <numerusform>%Ln could not be asked</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::QueuesPage</name>
    <message numerus="yes">
        <source>Discard %Ln selected piece(s) of mail held for %1? They cannot be collected any more.</source>
        <translation>
            <numerusform>Discard %Ln selected piece of mail held for %1? It cannot be collected any more.</numerusform>
            <numerusform>Discard %Ln selected pieces of mail held for %1? They cannot be collected any more.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Discard %Ln piece(s) of mail held for %1? They cannot be collected any more.</source>
        <translation>
            <numerusform>Discard %Ln piece of mail held for %1? It cannot be collected any more.</numerusform>
            <numerusform>Discard %Ln pieces of mail held for %1? They cannot be collected any more.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail discarded.</source>
        <translation>
            <numerusform>%Ln piece of mail discarded.</numerusform>
            <numerusform>%Ln pieces of mail discarded.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail written to %1.</source>
        <translation>
            <numerusform>%Ln piece of mail written to %1.</numerusform>
            <numerusform>%Ln pieces of mail written to %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln owner(s)</source>
        <translation>
            <numerusform>%Ln owner</numerusform>
            <numerusform>%Ln owners</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln owner(s)</source>
        <translation>
            <numerusform>%1 of %Ln owner</numerusform>
            <numerusform>%1 of %Ln owners</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::RelayModel</name>
    <message numerus="yes">
        <source>%Ln piece(s) of mail expired there before they were collected.</source>
        <translation>
            <numerusform>%Ln piece of mail expired there before it was collected.</numerusform>
            <numerusform>%Ln pieces of mail expired there before they were collected.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::StatusLine</name>
    <message numerus="yes">
        <source>%Ln in the inbox</source>
        <translation>
            <numerusform>%Ln in the inbox</numerusform>
            <numerusform>%Ln in the inbox</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Holding mail for %Ln friend(s)</source>
        <translation>
            <numerusform>Holding mail for %Ln friend</numerusform>
            <numerusform>Holding mail for %Ln friends</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Collecting mail from %Ln relay(s)</source>
        <translation>
            <numerusform>Collecting mail from %Ln relay</numerusform>
            <numerusform>Collecting mail from %Ln relays</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln server(s) offline</source>
        <translation>
            <numerusform>%Ln server offline</numerusform>
            <numerusform>%Ln servers offline</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::SweepBar</name>
    <message numerus="yes">
        <source>And %Ln more.</source>
        <extracomment>Under a list of relays that failed</extracomment>
        <translation>
            <numerusform>And %Ln more.</numerusform>
            <numerusform>And %Ln more.</numerusform>
        </translation>
    </message>
</context>
</TS>
