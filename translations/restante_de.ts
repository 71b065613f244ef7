<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>CardSource</name>
    <message>
        <source>There is no card in %1: it is neither a picture nor a text with a card&apos;s link.</source>
        <translation>In %1 ist keine Karte: Es ist weder ein Bild noch ein Text mit dem Link einer Karte.</translation>
    </message>
    <message>
        <source>The picture %1 is too large.</source>
        <translation>Das Bild %1 ist zu groß.</translation>
    </message>
    <message>
        <source>The picture %1 is damaged.</source>
        <translation>Das Bild %1 ist beschädigt.</translation>
    </message>
    <message>
        <source>No QR code can be read in this picture. Is all of it in the picture, and sharp?</source>
        <translation>In diesem Bild lässt sich kein QR-Code lesen. Ist er ganz im Bild und scharf?</translation>
    </message>
    <message>
        <source>The QR code in this picture is not a card of Restante.</source>
        <translation>Der QR-Code in diesem Bild ist keine Karte von Restante.</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>%1 kann nicht gelesen werden: %2</translation>
    </message>
    <message>
        <source>%1 is too large for a card.</source>
        <translation>%1 ist zu groß für eine Karte.</translation>
    </message>
</context>
<context>
    <name>CardWords</name>
    <message>
        <source>There is no card. A card is a link that begins with restante:</source>
        <translation>Da ist keine Karte. Eine Karte ist ein Link, der mit restante: beginnt</translation>
    </message>
    <message>
        <source>This text is longer than a card can be.</source>
        <translation>Dieser Text ist länger, als eine Karte sein kann.</translation>
    </message>
    <message>
        <source>This is not a card. A card is a link that begins with restante:1/</source>
        <translation>Das ist keine Karte. Eine Karte ist ein Link, der mit restante:1/ beginnt</translation>
    </message>
    <message>
        <source>This card is of version “%1”, which this program does not know. A newer one may.</source>
        <translation>Diese Karte hat die Version „%1“, die dieses Programm nicht kennt. Ein neueres kennt sie vielleicht.</translation>
    </message>
    <message>
        <source>This program does not know cards of the kind “%1”. A newer one may.</source>
        <translation>Dieses Programm kennt keine Karten der Art „%1“. Ein neueres kennt sie vielleicht.</translation>
    </message>
    <message>
        <source>This card was damaged on its way: it has characters that no card has. Have it sent again.</source>
        <translation>Diese Karte ist unterwegs beschädigt worden: Sie enthält Zeichen, die keine Karte hat. Bitte noch einmal schicken lassen.</translation>
    </message>
    <message>
        <source>This card says something that this program does not know (“%1”). A newer one may.</source>
        <translation>Auf dieser Karte steht etwas, das dieses Programm nicht kennt („%1“). Ein neueres kennt es vielleicht.</translation>
    </message>
    <message>
        <source>This card says “%1” twice.</source>
        <translation>Auf dieser Karte steht „%1“ zweimal.</translation>
    </message>
    <message>
        <source>This card does not say whose it is.</source>
        <translation>Auf dieser Karte steht nicht, wem sie gehört.</translation>
    </message>
    <message>
        <source>This is a friend&apos;s card, but it says how to reach a relay (“%1”), as only a relay&apos;s does.</source>
        <translation>Das ist die Karte eines Freundes, aber auf ihr steht, wie ein Relay zu erreichen ist („%1“). Das gehört nur auf die Karte eines Relays.</translation>
    </message>
    <message>
        <source>This card has more than four addresses.</source>
        <translation>Auf dieser Karte stehen mehr als vier Adressen.</translation>
    </message>
    <message>
        <source>This card cannot be used. %1</source>
        <translation>Diese Karte ist nicht zu gebrauchen. %1</translation>
    </message>
    <message>
        <source>%1 (only from its own network)</source>
        <extracomment>An address</extracomment>
        <translation>%1 (nur aus dem eigenen Netz)</translation>
    </message>
    <message>
        <source>%1 asks you to hold mail. If you agree, mail for this server is kept on this computer while the server is away, until it collects it.</source>
        <translation>%1 bittet dich, Post aufzubewahren. Wenn du zustimmst, wird Post für diesen Server auf diesem Computer aufbewahrt, solange er nicht da ist, bis er sie abholt.</translation>
    </message>
    <message>
        <source>%1 offers to hold your mail. If you agree, this computer collects there what was left for your server.</source>
        <translation>%1 bietet an, deine Post aufzubewahren. Wenn du zustimmst, holt dieser Computer dort ab, was für deinen Server hinterlegt wurde.</translation>
    </message>
    <message>
        <source>%1 is one of your relays already, found by its name. If you agree, it is reached as this card says from now on.</source>
        <translation>%1 ist schon eines deiner Relays und wird über seinen Namen gefunden. Wenn du zustimmst, wird es von nun an so erreicht, wie es auf dieser Karte steht.</translation>
    </message>
    <message>
        <source>%1 is one of your relays already, at %2. If you agree, it is reached as this card says from now on.</source>
        <translation>%1 ist schon eines deiner Relays, unter %2. Wenn du zustimmst, wird es von nun an so erreicht, wie es auf dieser Karte steht.</translation>
    </message>
    <message>
        <source>%1 is one of your relays already. There is nothing to add.</source>
        <translation>%1 ist schon eines deiner Relays. Es gibt nichts hinzuzufügen.</translation>
    </message>
    <message>
        <source>You hold mail for %1 already. There is nothing to add.</source>
        <translation>Du bewahrst schon Post für %1 auf. Es gibt nichts hinzuzufügen.</translation>
    </message>
    <message>
        <source>This is your own card. Send it to the other person: it is of use only there.</source>
        <translation>Das ist deine eigene Karte. Schicke sie der anderen Person: Nur dort nützt sie etwas.</translation>
    </message>
    <message>
        <source>Anybody can write a card. Add it only if it comes from somebody you know.</source>
        <translation>Jeder kann eine Karte schreiben. Füge sie nur hinzu, wenn sie von jemandem kommt, den du kennst.</translation>
    </message>
    <message>
        <source>This address is private: it leads to the relay only inside the same network, and to some other device anywhere else.</source>
        <translation>Diese Adresse ist privat: Nur im selben Netz führt sie zu dem Relay, überall sonst zu einem anderen Gerät.</translation>
    </message>
    <message>
        <source>This address leads to your own computer, wherever you are.</source>
        <translation>Diese Adresse führt zu deinem eigenen Computer, wo du auch bist.</translation>
    </message>
    <message>
        <source>This computer does not collect mail yet: switch that on in the settings, Relays and node, too.</source>
        <translation>Dieser Computer holt noch keine Post ab: Schalte das auch ein, in den Einstellungen unter „Relays und Knoten“.</translation>
    </message>
    <message>
        <source>This computer does not hold mail for others yet: switch that on in the settings, Relaying, too.</source>
        <translation>Dieser Computer bewahrt noch keine Post für andere auf: Schalte das auch ein, in den Einstellungen unter „Aufbewahrung“.</translation>
    </message>
    <message>
        <source>%1 (only from the same computer)</source>
        <extracomment>An address</extracomment>
        <translation>%1 (nur vom selben Computer)</translation>
    </message>
</context>
<context>
    <name>ComplaintWords</name>
    <message>
        <source>There is no setting named “%1”.</source>
        <translation>Es gibt keine Einstellung namens „%1“.</translation>
    </message>
    <message>
        <source>“%1” is neither true nor false.</source>
        <translation>„%1“ ist weder wahr (true) noch falsch (false).</translation>
    </message>
    <message>
        <source>“%1” is not a number.</source>
        <translation>„%1“ ist keine Zahl.</translation>
    </message>
    <message>
        <source>“%1” is not a whole number.</source>
        <translation>„%1“ ist keine ganze Zahl.</translation>
    </message>
    <message>
        <source>“%1” is not a text.</source>
        <translation>„%1“ ist kein Text.</translation>
    </message>
    <message>
        <source>“%1” is not a list of texts.</source>
        <translation>„%1“ ist keine Liste von Texten.</translation>
    </message>
    <message>
        <source>“%1” is not a list of relays.</source>
        <translation>„%1“ ist keine Liste von Relays.</translation>
    </message>
    <message>
        <source>“%1” is not a list of friends.</source>
        <translation>„%1“ ist keine Liste von Freunden.</translation>
    </message>
    <message>
        <source>“%1” means nothing here. Use %2.</source>
        <translation>„%1“ bedeutet hier nichts. Möglich sind %2.</translation>
    </message>
    <message>
        <source>%1 is out of range. Use %2 to %3.</source>
        <translation>%1 liegt außerhalb des Bereichs. Erlaubt ist %2 bis %3.</translation>
    </message>
    <message>
        <source>There are %1. Use %2 to %3.</source>
        <translation>Es sind %1. Erlaubt sind %2 bis %3.</translation>
    </message>
    <message>
        <source>At most %1 friends can be served.</source>
        <translation>Höchstens %1 Freunde können bedient werden.</translation>
    </message>
    <message>
        <source>At most %1 relays can be kept.</source>
        <translation>Höchstens %1 Relays können eingetragen werden.</translation>
    </message>
    <message>
        <source>“%1” has more than %2 known senders.</source>
        <translation>„%1“ hat mehr als %2 bekannte Absender.</translation>
    </message>
    <message>
        <source>The petname of “%1” is longer than %2 characters.</source>
        <translation>Der eigene Name für „%1“ ist länger als %2 Zeichen.</translation>
    </message>
    <message>
        <source>“%1” is there twice.</source>
        <translation>„%1“ steht zweimal da.</translation>
    </message>
    <message>
        <source>“%1” sends to every server. Leave the server that it is for empty.</source>
        <translation>„%1“ sendet an alle Server. Lass den Server, für den es gilt, leer.</translation>
    </message>
    <message>
        <source>“%1” is not an IP address.</source>
        <translation>„%1“ ist keine IP-Adresse.</translation>
    </message>
    <message>
        <source>“%1” is not an address and a port, such as 192.0.2.7:8449.</source>
        <translation>„%1“ ist keine Adresse mit Port wie 192.0.2.7:8449.</translation>
    </message>
    <message>
        <source>“%1” is not an address of this computer alone, such as 127.0.0.1:8450.</source>
        <translation>„%1“ ist keine Adresse allein dieses Computers wie 127.0.0.1:8450.</translation>
    </message>
    <message>
        <source>“%1” is not a network, such as 192.168.0.0/16.</source>
        <translation>„%1“ ist kein Netz wie 192.168.0.0/16.</translation>
    </message>
    <message>
        <source>“%1” is not the whole path of a file.</source>
        <translation>„%1“ ist kein vollständiger Dateipfad.</translation>
    </message>
    <message>
        <source>“%1” is not a log rule, such as restante.http=true.</source>
        <translation>„%1“ ist keine Protokollregel wie restante.http=true.</translation>
    </message>
    <message>
        <source>“%1” is not a valid server name.</source>
        <translation>„%1“ ist kein gültiger Servername.</translation>
    </message>
    <message>
        <source>“%1” is not a valid server name: 0 is not a port.</source>
        <translation>„%1“ ist kein gültiger Servername: 0 ist kein Port.</translation>
    </message>
    <message>
        <source>“%1” is not a valid server name: it has %2 hexadecimal digits, and a name that is a key has 64.</source>
        <translation>„%1“ ist kein gültiger Servername: Er hat %2 Hexadezimalziffern, und ein Name, der ein Schlüssel ist, hat 64.</translation>
    </message>
    <message>
        <source>“%1” is not a valid server name: a name that is a key has no port.</source>
        <translation>„%1“ ist kein gültiger Servername: Ein Name, der ein Schlüssel ist, hat keinen Port.</translation>
    </message>
    <message>
        <source>“%1” is not a valid server name: a part between two dots is empty.</source>
        <translation>„%1“ ist kein gültiger Servername: Ein Teil zwischen zwei Punkten ist leer.</translation>
    </message>
    <message>
        <source>“%1” is not a valid server name: a part between two dots is longer than %2 characters.</source>
        <translation>„%1“ ist kein gültiger Servername: Ein Teil zwischen zwei Punkten ist länger als %2 Zeichen.</translation>
    </message>
    <message>
        <source>“%1” is not a valid server name: a part between two dots begins or ends with a hyphen.</source>
        <translation>„%1“ ist kein gültiger Servername: Ein Teil zwischen zwei Punkten beginnt oder endet mit einem Bindestrich.</translation>
    </message>
    <message>
        <source>“%1” is not a valid server name: it is not a complete IP address, and no name ends in a number.</source>
        <translation>„%1“ ist kein gültiger Servername: Es ist keine vollständige IP-Adresse, und kein Name endet mit einer Zahl.</translation>
    </message>
    <message>
        <source>“%1” is not an address, such as https://relay.example.org:8448.</source>
        <translation>„%1“ ist keine Adresse wie https://relay.example.org:8448.</translation>
    </message>
    <message>
        <source>“%1” is written in an unusual way. Write the host in full.</source>
        <translation>„%1“ ist ungewöhnlich geschrieben. Bitte den Host vollständig angeben.</translation>
    </message>
    <message>
        <source>“%1” has more than a host and a port. Leave out what is before and after them.</source>
        <translation>„%1“ enthält mehr als Host und Port. Bitte weglassen, was davor und dahinter steht.</translation>
    </message>
    <message>
        <source>“%1” is not encrypted. Use https://, or say below that the network is.</source>
        <translation>„%1“ ist nicht verschlüsselt. Bitte https:// verwenden oder unten angeben, dass das Netz es ist.</translation>
    </message>
    <message>
        <source>“%1” is a key, by which no server can be found. Enter its address.</source>
        <translation>„%1“ ist ein Schlüssel, mit dem sich kein Server finden lässt. Bitte die Adresse angeben.</translation>
    </message>
    <message>
        <source>“%1” is not a pin, which is 64 hexadecimal digits: the SHA-256 of the certificate&apos;s public key.</source>
        <translation>„%1“ ist kein Pin; der besteht aus 64 Hexadezimalziffern, dem SHA-256 des öffentlichen Schlüssels im Zertifikat.</translation>
    </message>
    <message>
        <source>A pin needs an address that begins with https://.</source>
        <translation>Ein Pin braucht eine Adresse, die mit https:// beginnt.</translation>
    </message>
    <message>
        <source>There is no file %1.</source>
        <translation>Es gibt keine Datei %1.</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>%1 lässt sich nicht lesen: %2</translation>
    </message>
    <message>
        <source>A certificate in %1 is damaged.</source>
        <translation>Ein Zertifikat in %1 ist beschädigt.</translation>
    </message>
    <message>
        <source>There is no certificate (PEM) in %1.</source>
        <translation>In %1 ist kein Zertifikat (PEM).</translation>
    </message>
    <message>
        <source>There is no private key (PEM) in %1.</source>
        <translation>In %1 ist kein privater Schlüssel (PEM).</translation>
    </message>
    <message>
        <source>%1 is the same place as %2, which is in use by %3.</source>
        <translation>%1 ist dieselbe Stelle wie %2, die schon zu %3 gehört.</translation>
    </message>
    <message>
        <source>A certificate needs its private key too.</source>
        <translation>Zu einem Zertifikat gehört auch sein privater Schlüssel.</translation>
    </message>
    <message>
        <source>A private key needs its certificate too.</source>
        <translation>Zu einem privaten Schlüssel gehört auch sein Zertifikat.</translation>
    </message>
    <message>
        <source>This must be less than limits.body_memory_bytes.</source>
        <translation>Dies muss kleiner sein als limits.body_memory_bytes.</translation>
    </message>
    <message>
        <source>This must be at least limits.body_bytes and limits.small_body_reserve_bytes together.</source>
        <translation>Dies muss mindestens so groß sein wie limits.body_bytes und limits.small_body_reserve_bytes zusammen.</translation>
    </message>
    <message>
        <source>This must not be more than limits.head_bytes.</source>
        <translation>Dies darf nicht größer sein als limits.head_bytes.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <extracomment>A sentence that says what is wrong, and the key of the setting</extracomment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>“%1” is not where a homeserver can be reached inside, such as http://127.0.0.1:8008.</source>
        <translation>Unter „%1“ ist kein Homeserver im eigenen Netz zu erreichen; richtig wäre zum Beispiel http://127.0.0.1:8008.</translation>
    </message>
    <message>
        <source>“%1” is not a host with a port, such as home.example:8448.</source>
        <translation>„%1“ ist kein Rechnername mit Port, wie home.example:8448.</translation>
    </message>
    <message>
        <source>“%1” cannot stand on a card. Use at most 60 characters, each of which can be seen.</source>
        <translation>„%1“ kann nicht auf einer Karte stehen. Höchstens 60 Zeichen, die alle sichtbar sind.</translation>
    </message>
    <message>
        <source>A certificate for %1 needs a front door for it.</source>
        <translation>Ein Zertifikat für %1 braucht eine Haustür dafür.</translation>
    </message>
    <message>
        <source>The front door of %1 can have a certificate of its own only if the relay encrypts by itself.</source>
        <translation>Die Haustür von %1 kann nur dann ein eigenes Zertifikat haben, wenn das Relay selbst verschlüsselt.</translation>
    </message>
</context>
<context>
    <name>Confirmation</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>DeliveryWords</name>
    <message>
        <source>It stays here: no homeserver is set that it could be delivered to.</source>
        <translation>Sie bleibt hier: Es ist kein Homeserver eingestellt, dem sie zugestellt werden könnte.</translation>
    </message>
    <message>
        <source>It waits for its turn.</source>
        <translation>Sie wartet, bis sie an der Reihe ist.</translation>
    </message>
    <message>
        <source>It waits for other mail, which has to be delivered first.</source>
        <translation>Sie wartet auf andere Post, die vorher zugestellt werden muss.</translation>
    </message>
    <message>
        <source>It is being delivered to the homeserver.</source>
        <translation>Sie wird gerade dem Homeserver zugestellt.</translation>
    </message>
    <message>
        <source>It waits for its sender&apos;s key: without it the homeserver cannot check who sent it.</source>
        <translation>Sie wartet auf den Schlüssel ihres Absenders: Ohne ihn kann der Homeserver nicht prüfen, von wem sie kommt.</translation>
    </message>
    <message>
        <source>The homeserver asked for a pause before it takes more from this sender.</source>
        <translation>Der Homeserver hat um eine Pause gebeten, ehe er mehr von diesem Absender annimmt.</translation>
    </message>
    <message>
        <source>The homeserver failed over it, and gets it once more.</source>
        <translation>Der Homeserver ist an ihr gescheitert und bekommt sie noch einmal.</translation>
    </message>
    <message>
        <source>It waits for the homeserver, which cannot be reached.</source>
        <translation>Sie wartet auf den Homeserver, der nicht zu erreichen ist.</translation>
    </message>
    <message>
        <source>It waits until the homeserver has forgotten other mail that had the same number.</source>
        <translation>Sie wartet, bis der Homeserver andere Post vergessen hat, die dieselbe Nummer hatte.</translation>
    </message>
    <message>
        <source>It came without its sender&apos;s signature, and no homeserver takes it without that. It was set aside; a copy that has one may still come.</source>
        <translation>Sie kam ohne die Unterschrift ihres Absenders, und ohne die nimmt sie kein Homeserver an. Sie wurde beiseitegelegt; eine Kopie mit Unterschrift kann noch kommen.</translation>
    </message>
    <message>
        <source>Waits its turn</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Waits for other mail</source>
        <translation>Wartet auf andere Post</translation>
    </message>
    <message>
        <source>Being delivered</source>
        <translation>Wird zugestellt</translation>
    </message>
    <message>
        <source>Waits for a key</source>
        <translation>Wartet auf Schlüssel</translation>
    </message>
    <message>
        <source>Waits: pause</source>
        <translation>Wartet: Pause</translation>
    </message>
    <message>
        <source>Waits: homeserver away</source>
        <translation>Wartet: Homeserver fort</translation>
    </message>
    <message>
        <source>Set aside: refused</source>
        <translation>Beiseite: abgelehnt</translation>
    </message>
    <message>
        <source>Waits for a day</source>
        <translation>Wartet einen Tag</translation>
    </message>
    <message>
        <source>Set aside: unsigned</source>
        <translation>Beiseite: ohne Unterschrift</translation>
    </message>
    <message>
        <source>%1 The reason: %2.</source>
        <extracomment>A sentence, and the reason, in English</extracomment>
        <translation>%1 Der Grund: %2.</translation>
    </message>
    <message>
        <source>%1 Tried again by itself on %2.</source>
        <extracomment>A sentence, and a date and time</extracomment>
        <translation>%1 Der nächste Versuch folgt von selbst am %2.</translation>
    </message>
    <message>
        <source>%1 Since %2.</source>
        <extracomment>A sentence, and a date and time</extracomment>
        <translation>%1 Seit %2.</translation>
    </message>
    <message>
        <source>The homeserver does not take it. It was set aside, and other mail goes on. Deliver it again once the reason is gone, or discard it.</source>
        <translation>Der Homeserver nimmt sie nicht an. Sie wurde beiseitegelegt, und andere Post geht weiter. Stelle sie erneut zu, sobald der Grund behoben ist, oder lösche sie.</translation>
    </message>
    <message>
        <source>Failed, goes again</source>
        <translation>Gescheitert, folgt erneut</translation>
    </message>
    <message>
        <source>It came without its sender&apos;s signature. Its messages were delivered all the same, as the settings allow for this relay and sender; the rest waits for a copy that has a signature.</source>
        <translation>Sie kam ohne die Unterschrift ihres Absenders. Ihre Nachrichten wurden trotzdem zugestellt, wie es die Einstellungen für dieses Relay und diesen Absender erlauben; der Rest wartet auf eine Kopie mit Unterschrift.</translation>
    </message>
    <message>
        <source>Delivered in part</source>
        <translation>Teils zugestellt</translation>
    </message>
</context>
<context>
    <name>EntrySource</name>
    <message>
        <source>Received</source>
        <translation>Eingegangen</translation>
    </message>
    <message>
        <source>From %1, received %2</source>
        <translation>Von %1, eingegangen %2</translation>
    </message>
    <message>
        <source>Collected</source>
        <translation>Abgeholt</translation>
    </message>
    <message>
        <source>From %1, collected %3 from %2</source>
        <extracomment>%1 is the sending server, %2 the relay, %3 a date and time</extracomment>
        <translation>Von %1, abgeholt %3 von %2</translation>
    </message>
</context>
<context>
    <name>ErrorWords</name>
    <message>
        <source>There is nothing at this address.</source>
        <translation>Unter dieser Adresse gibt es nichts.</translation>
    </message>
    <message>
        <source>This request cannot be made here.</source>
        <translation>Diese Anfrage ist hier nicht möglich.</translation>
    </message>
    <message>
        <source>The request was not signed.</source>
        <translation>Die Anfrage war nicht signiert.</translation>
    </message>
    <message>
        <source>The request&apos;s signature could not be read.</source>
        <translation>Die Signatur der Anfrage war nicht lesbar.</translation>
    </message>
    <message>
        <source>The request was meant for another server.</source>
        <translation>Die Anfrage war für einen anderen Server bestimmt.</translation>
    </message>
    <message>
        <source>A name or number is not valid.</source>
        <translation>Ein Name oder eine Zahl ist ungültig.</translation>
    </message>
    <message>
        <source>This is not a valid Matrix user ID.</source>
        <translation>Das ist keine gültige Matrix-Benutzer-ID.</translation>
    </message>
    <message>
        <source>Relaying is switched off.</source>
        <translation>Die Aufbewahrung ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>Taking in mail is paused.</source>
        <translation>Die Annahme von Post ist angehalten.</translation>
    </message>
    <message>
        <source>This sender is blocked.</source>
        <translation>Dieser Absender ist gesperrt.</translation>
    </message>
    <message>
        <source>This server is not one of the friends served here.</source>
        <translation>Dieser Server gehört nicht zu den Freunden, für die hier Post aufbewahrt wird.</translation>
    </message>
    <message>
        <source>This mail belongs to another server.</source>
        <translation>Diese Post gehört einem anderen Server.</translation>
    </message>
    <message>
        <source>Too many requests came at once.</source>
        <translation>Es kamen zu viele Anfragen auf einmal.</translation>
    </message>
    <message>
        <source>The data is not valid JSON.</source>
        <translation>Die Daten sind kein gültiges JSON.</translation>
    </message>
    <message>
        <source>The data does not have the expected form.</source>
        <translation>Die Daten haben nicht die erwartete Form.</translation>
    </message>
    <message>
        <source>The data is larger than allowed.</source>
        <translation>Die Daten sind größer als erlaubt.</translation>
    </message>
    <message>
        <source>The signature is not valid.</source>
        <translation>Die Signatur ist ungültig.</translation>
    </message>
    <message>
        <source>The sender&apos;s key could not be looked up just now.</source>
        <translation>Der Schlüssel des Absenders ließ sich gerade nicht ermitteln.</translation>
    </message>
    <message>
        <source>There is no room left for more mail.</source>
        <translation>Für weitere Post ist kein Platz mehr.</translation>
    </message>
    <message>
        <source>The program is busy. Try again in a moment.</source>
        <translation>Das Programm ist beschäftigt. Versuche es gleich noch einmal.</translation>
    </message>
    <message>
        <source>A setting cannot be used.</source>
        <translation>Eine Einstellung ist nicht verwendbar.</translation>
    </message>
    <message>
        <source>A file or a network address could not be opened.</source>
        <translation>Eine Datei oder eine Netzwerkadresse ließ sich nicht öffnen.</translation>
    </message>
    <message>
        <source>A file of this installation is damaged.</source>
        <translation>Eine Datei dieser Installation ist beschädigt.</translation>
    </message>
    <message>
        <source>The data was written by a newer version of Restante.</source>
        <translation>Die Daten stammen von einer neueren Version von Restante.</translation>
    </message>
    <message>
        <source>Restante is already running with this data folder.</source>
        <translation>Restante läuft bereits mit diesem Datenordner.</translation>
    </message>
    <message>
        <source>This mail is not held any more.</source>
        <translation>Diese Post wird nicht mehr aufbewahrt.</translation>
    </message>
    <message>
        <source>Something went wrong inside Restante.</source>
        <translation>In Restante ist ein Fehler aufgetreten.</translation>
    </message>
    <message>
        <source>The other server could not be reached.</source>
        <translation>Der andere Server war nicht erreichbar.</translation>
    </message>
    <message>
        <source>The server&apos;s name leads to an address that the settings do not allow.</source>
        <translation>Der Name des Servers führt zu einer Adresse, die die Einstellungen nicht erlauben.</translation>
    </message>
    <message>
        <source>The other server gave an answer that makes no sense.</source>
        <translation>Der andere Server gab eine Antwort, die keinen Sinn ergibt.</translation>
    </message>
    <message>
        <source>The other server refused.</source>
        <translation>Der andere Server hat abgelehnt.</translation>
    </message>
    <message>
        <source>The request may be a copy of an earlier one.</source>
        <translation>Die Anfrage könnte eine Kopie einer früheren sein.</translation>
    </message>
    <message>
        <source>The disk is full, or nearly so: mail cannot be stored.</source>
        <translation>Der Datenträger ist voll oder fast voll: Post kann nicht gespeichert werden.</translation>
    </message>
    <message>
        <source>Mail cannot be stored: the database cannot be read or written.</source>
        <translation>Post kann nicht gespeichert werden: Die Datenbank lässt sich nicht lesen oder schreiben.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate was not accepted.</source>
        <translation>Das Zertifikat des Servers wurde nicht anerkannt.</translation>
    </message>
    <message>
        <source>The relay&apos;s certificate is not valid now, so other servers refuse to connect.</source>
        <translation>Das Zertifikat des Relays ist zurzeit nicht gültig; andere Server verbinden sich deshalb nicht.</translation>
    </message>
    <message>
        <source>No server&apos;s certificate can be checked: the file with authorities cannot be read.</source>
        <translation>Kein Zertifikat eines anderen Servers lässt sich prüfen: Die Datei mit Zertifizierungsstellen ist nicht lesbar.</translation>
    </message>
    <message>
        <source>Nobody can reach this relay at an address that the settings name: this computer does not have it at the moment.</source>
        <translation>Unter einer Adresse aus den Einstellungen erreicht niemand dieses Relay: Dieser Computer hat sie gerade nicht.</translation>
    </message>
    <message>
        <source>That server has another address.</source>
        <translation>Dieser Server hat eine andere Adresse.</translation>
    </message>
</context>
<context>
    <name>EventWords</name>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message numerus="yes">
        <source>%Ln message(s)</source>
        <translation>
            <numerusform>%Ln Nachricht</numerusform>
            <numerusform>%Ln Nachrichten</numerusform>
        </translation>
    </message>
    <message>
        <source>Encrypted message</source>
        <translation>Verschlüsselte Nachricht</translation>
    </message>
    <message numerus="yes">
        <source>%Ln encrypted message(s)</source>
        <translation>
            <numerusform>%Ln verschlüsselte Nachricht</numerusform>
            <numerusform>%Ln verschlüsselte Nachrichten</numerusform>
        </translation>
    </message>
    <message>
        <source>Sticker</source>
        <translation>Sticker</translation>
    </message>
    <message numerus="yes">
        <source>%Ln sticker(s)</source>
        <translation>
            <numerusform>%Ln Sticker</numerusform>
            <numerusform>%Ln Sticker</numerusform>
        </translation>
    </message>
    <message>
        <source>Reaction</source>
        <translation>Reaktion</translation>
    </message>
    <message numerus="yes">
        <source>%Ln reaction(s)</source>
        <translation>
            <numerusform>%Ln Reaktion</numerusform>
            <numerusform>%Ln Reaktionen</numerusform>
        </translation>
    </message>
    <message>
        <source>Deletion</source>
        <translation>Löschung</translation>
    </message>
    <message numerus="yes">
        <source>%Ln deletion(s)</source>
        <translation>
            <numerusform>%Ln Löschung</numerusform>
            <numerusform>%Ln Löschungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Membership change</source>
        <translation>Mitgliedschaft</translation>
    </message>
    <message numerus="yes">
        <source>%Ln membership change(s)</source>
        <translation>
            <numerusform>%Ln Mitgliedschaft</numerusform>
            <numerusform>%Ln Mitgliedschaften</numerusform>
        </translation>
    </message>
    <message>
        <source>New room</source>
        <translation>Neuer Raum</translation>
    </message>
    <message numerus="yes">
        <source>%Ln new room(s)</source>
        <translation>
            <numerusform>%Ln neuer Raum</numerusform>
            <numerusform>%Ln neue Räume</numerusform>
        </translation>
    </message>
    <message>
        <source>Typing</source>
        <translation>Tippanzeige</translation>
    </message>
    <message numerus="yes">
        <source>typing (%Ln)</source>
        <translation>
            <numerusform>Tippanzeige</numerusform>
            <numerusform>Tippanzeigen (%Ln)</numerusform>
        </translation>
    </message>
    <message>
        <source>Presence</source>
        <translation>Anwesenheit</translation>
    </message>
    <message numerus="yes">
        <source>presence (%Ln)</source>
        <translation>
            <numerusform>Anwesenheit</numerusform>
            <numerusform>Anwesenheit (%Ln)</numerusform>
        </translation>
    </message>
    <message>
        <source>Read receipts</source>
        <translation>Lesebestätigungen</translation>
    </message>
    <message numerus="yes">
        <source>read receipts (%Ln)</source>
        <translation>
            <numerusform>Lesebestätigungen</numerusform>
            <numerusform>Lesebestätigungen (%Ln)</numerusform>
        </translation>
    </message>
    <message>
        <source>Message to devices</source>
        <translation>Nachricht an Geräte</translation>
    </message>
    <message numerus="yes">
        <source>%Ln message(s) to devices</source>
        <translation>
            <numerusform>%Ln Nachricht an Geräte</numerusform>
            <numerusform>%Ln Nachrichten an Geräte</numerusform>
        </translation>
    </message>
    <message>
        <source>Device list</source>
        <translation>Geräteliste</translation>
    </message>
    <message numerus="yes">
        <source>%Ln device list(s)</source>
        <translation>
            <numerusform>%Ln Geräteliste</numerusform>
            <numerusform>%Ln Gerätelisten</numerusform>
        </translation>
    </message>
    <message>
        <source>Signing keys</source>
        <translation>Signaturschlüssel</translation>
    </message>
    <message numerus="yes">
        <source>%Ln set(s) of signing keys</source>
        <translation>
            <numerusform>%Ln Satz Signaturschlüssel</numerusform>
            <numerusform>%Ln Sätze Signaturschlüssel</numerusform>
        </translation>
    </message>
    <message>
        <source>Room setting</source>
        <translation>Raumeinstellung</translation>
    </message>
    <message numerus="yes">
        <source>%Ln room setting(s)</source>
        <translation>
            <numerusform>%Ln Raumeinstellung</numerusform>
            <numerusform>%Ln Raumeinstellungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Call signal</source>
        <translation>Anrufsignal</translation>
    </message>
    <message numerus="yes">
        <source>%Ln call signal(s)</source>
        <translation>
            <numerusform>%Ln Anrufsignal</numerusform>
            <numerusform>%Ln Anrufsignale</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln other event(s)</source>
        <translation>
            <numerusform>%Ln anderes Ereignis</numerusform>
            <numerusform>%Ln andere Ereignisse</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln other notice(s)</source>
        <translation>
            <numerusform>%Ln anderer Hinweis</numerusform>
            <numerusform>%Ln andere Hinweise</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>%Ln weiteres</numerusform>
            <numerusform>%Ln weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>, </source>
        <extracomment>Between the parts of a list</extracomment>
        <translation>, </translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export held mail</source>
        <translation>Aufbewahrte Post exportieren</translation>
    </message>
    <message>
        <source>One JSON object a line (*.jsonl)</source>
        <translation>Ein JSON-Objekt je Zeile (*.jsonl)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>Format</name>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message numerus="yes">
        <source>%n min ago</source>
        <translation>
            <numerusform>vor %n Min.</numerusform>
            <numerusform>vor %n Min.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h ago</source>
        <translation>
            <numerusform>vor %n Std.</numerusform>
            <numerusform>vor %n Std.</numerusform>
        </translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation>gestern</translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>vor %n Tag</numerusform>
            <numerusform>vor %n Tagen</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 %</source>
        <extracomment>A share in percent; %1 is the number</extracomment>
        <translation>%1 %</translation>
    </message>
</context>
<context>
    <name>HomeserverWords</name>
    <message>
        <source>Restante reaches the homeserver: it is %1, and its key is the one that Restante has.</source>
        <extracomment>%1 is a server name</extracomment>
        <translation>Restante erreicht den Homeserver: Er ist %1, und sein Schlüssel ist der, den Restante hat.</translation>
    </message>
    <message>
        <source>Nobody answers there. Check whether the homeserver is running, and its address.</source>
        <translation>Dort antwortet niemand. Läuft der Homeserver, und stimmt die Adresse?</translation>
    </message>
    <message>
        <source>Something answers there that is not a homeserver. Check the address.</source>
        <translation>Was dort antwortet, ist kein Homeserver. Bitte die Adresse prüfen.</translation>
    </message>
    <message>
        <source>The homeserver there is %1. Restante is %2 and delivers only to the homeserver of that name: import the homeserver&apos;s key, as shown below.</source>
        <extracomment>Two server names</extracomment>
        <translation>Der Homeserver dort ist %1. Restante ist %2 und stellt nur dem Homeserver dieses Namens zu: Bitte den Schlüssel des Homeservers einlesen, wie unten gezeigt.</translation>
    </message>
    <message>
        <source>The homeserver there is %1, but it signs with another key (%2) than Restante has. Import the homeserver&apos;s key.</source>
        <extracomment>A server name, and the names of its keys</extracomment>
        <translation>Der Homeserver dort ist %1, aber er unterschreibt mit einem anderen Schlüssel (%2), als Restante hat. Bitte den Schlüssel des Homeservers einlesen.</translation>
    </message>
    <message>
        <source>A homeserver answers there, but what it says of its keys cannot be right.</source>
        <translation>Dort antwortet ein Homeserver, aber was er über seine Schlüssel sagt, kann nicht stimmen.</translation>
    </message>
    <message>
        <source>%1 whose configuration is elsewhere</source>
        <extracomment>Synapse or Dendrite</extracomment>
        <translation>%1 mit einer Konfiguration an anderer Stelle</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <extracomment>Synapse or Dendrite, and a file</extracomment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1 of %2 (%3)</source>
        <extracomment>Synapse or Dendrite, a server name, and a file</extracomment>
        <translation>%1 von %2 (%3)</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2.</source>
        <extracomment>A file, and the reason in English</extracomment>
        <translation>%1 ist nicht lesbar: %2.</translation>
    </message>
    <message>
        <source>%1 It calls itself %2.</source>
        <extracomment>A sentence, and what a homeserver calls itself: &quot;Synapse 1.160.0&quot;</extracomment>
        <translation>%1 Er nennt sich %2.</translation>
    </message>
    <message>
        <source>%1 The reason: %2</source>
        <extracomment>A sentence, and the reason, in English</extracomment>
        <translation>%1 Der Grund: %2</translation>
    </message>
    <message>
        <source>The homeserver cannot send through Restante: working beside a homeserver is off, or begins at the next start. Switch it on under “Relays and node”.</source>
        <translation>Der Homeserver kann nicht über Restante senden: Die Arbeit neben einem Homeserver ist ausgeschaltet oder beginnt mit dem nächsten Start. Einschalten lässt sie sich unter „Relays und Knoten“.</translation>
    </message>
    <message>
        <source>The homeserver cannot send through Restante: the address for it cannot be used just now.</source>
        <translation>Der Homeserver kann nicht über Restante senden: Die Adresse für ihn ist gerade nicht zu benutzen.</translation>
    </message>
    <message>
        <source>Something asks at %1 with a wrong secret, or without one, and is refused. Copy the lines below into the homeserver&apos;s configuration once more.</source>
        <translation>Bei %1 fragt etwas mit einem falschen Geheimnis oder ohne eines an und wird abgelehnt. Bitte die Zeilen unten noch einmal in die Konfiguration des Homeservers kopieren.</translation>
    </message>
    <message>
        <source>A homeserver sends through Restante, but with another name or key than Restante has: import its key.</source>
        <translation>Ein Homeserver sendet über Restante, aber mit einem anderen Namen oder Schlüssel, als Restante hat: Bitte seinen Schlüssel einlesen.</translation>
    </message>
    <message>
        <source>The homeserver reaches Restante: it last sent something through it on %1.</source>
        <translation>Der Homeserver erreicht Restante: Zuletzt hat er am %1 etwas darüber gesendet.</translation>
    </message>
    <message>
        <source>the homeserver&apos;s configuration</source>
        <translation>die Konfiguration des Homeservers</translation>
    </message>
    <message>
        <source>For its mail to go through Restante: put this into a new file %1 that only the homeserver can read, and restart the homeserver.</source>
        <translation>Damit seine Post über Restante geht: Dies in eine neue Datei %1 schreiben, die nur der Homeserver lesen kann, und den Homeserver neu starten.</translation>
    </message>
    <message>
        <source>Restante needs the homeserver&apos;s name and key. Stop Restante, and run this as a user who can read the key.</source>
        <translation>Restante braucht Namen und Schlüssel des Homeservers. Restante beenden und dies als ein Benutzer ausführen, der den Schlüssel lesen kann.</translation>
    </message>
    <message>
        <source>Dendrite has no setting by which it could send through Restante. What relays hold for it is delivered all the same.</source>
        <translation>Dendrite hat keine Einstellung, mit der es über Restante senden könnte. Was Relays für es aufbewahren, wird trotzdem zugestellt.</translation>
    </message>
    <message>
        <source>Its configuration sends all its mail through “%1” already.</source>
        <extracomment>A word from its configuration</extracomment>
        <translation>Seine Konfiguration sendet schon alle Post über „%1“.</translation>
    </message>
    <message>
        <source>The lines hold a secret, with which one can send in the homeserver&apos;s name. Show them to nobody.</source>
        <translation>Die Zeilen enthalten ein Geheimnis, mit dem man im Namen des Homeservers senden kann. Zeige sie niemandem.</translation>
    </message>
    <message>
        <source>A homeserver answers there, but this port is for its own users alone. For mail its listener needs the resource “federation”.</source>
        <translation>Dort antwortet ein Homeserver, aber dieser Port ist nur für seine eigenen Benutzer da. Für Post braucht er dort die Ressource „federation“.</translation>
    </message>
    <message>
        <source>The homeserver has not sent anything through Restante since Restante started. It does once the lines below are in its configuration, it was restarted, and one of its users writes to another server.</source>
        <translation>Der Homeserver hat noch nichts über Restante gesendet, seit Restante läuft. Er tut es, sobald die Zeilen unten in seiner Konfiguration stehen, er neu gestartet wurde und einer seiner Benutzer an einen anderen Server schreibt.</translation>
    </message>
    <message>
        <source>What answers there cannot serve requests just now. If it is not the homeserver itself, check whether that is running; else try again later.</source>
        <translation>Was dort antwortet, kann gerade keine Anfragen bearbeiten. Wenn es nicht der Homeserver selbst ist, bitte prüfen, ob dieser läuft; sonst später noch einmal versuchen.</translation>
    </message>
    <message>
        <source>For its mail to go through Restante: add this at the end of %1, and restart the homeserver.</source>
        <translation>Damit seine Post über Restante geht: dies am Ende von %1 anfügen und den Homeserver neu starten.</translation>
    </message>
    <message>
        <source>Add this to %1 below “instance_map:”, too, indented as the others there.</source>
        <translation>Auch dies in %1 unter „instance_map:“ einfügen, so weit eingerückt wie die anderen dort.</translation>
    </message>
    <message>
        <source>For Restante to let it send: this has to be all that is in %1. Then restart the homeserver.</source>
        <translation>Damit Restante ihn senden lässt: In %1 darf nur dies stehen. Danach den Homeserver neu starten.</translation>
    </message>
    <message>
        <source>For Restante to let it send: put this into %1 instead of the line with “worker_replication_secret:”, and restart the homeserver.</source>
        <translation>Damit Restante ihn senden lässt: dies in %1 anstelle der Zeile mit „worker_replication_secret:“ einsetzen und den Homeserver neu starten.</translation>
    </message>
    <message>
        <source>For Restante to let it send: add this at the end of %1, and restart the homeserver.</source>
        <translation>Damit Restante ihn senden lässt: dies am Ende von %1 anfügen und den Homeserver neu starten.</translation>
    </message>
    <message>
        <source>For Restante to deliver to it: add this to %1 below “listeners:”, indented as the others there, and restart the homeserver.</source>
        <translation>Damit Restante ihm zustellen kann: dies in %1 unter „listeners:“ einfügen, so weit eingerückt wie die anderen dort, und den Homeserver neu starten.</translation>
    </message>
    <message>
        <source>If a friend&apos;s relay is the front door for your homeserver: put its address in the place of %1, and the line into %2 below “global:” instead of the one of that name, and restart the homeserver.</source>
        <translation>Wenn das Relay eines Freundes die Haustür deines Homeservers ist: dessen Adresse an die Stelle von %1 setzen, die Zeile in %2 unter „global:“ anstelle der gleichnamigen einsetzen und den Homeserver neu starten.</translation>
    </message>
    <message>
        <source>If a friend&apos;s relay is the front door for your homeserver: put its address in the place of %1, and the line into %2 below “global:”, and restart the homeserver.</source>
        <translation>Wenn das Relay eines Freundes die Haustür deines Homeservers ist: dessen Adresse an die Stelle von %1 setzen, die Zeile in %2 unter „global:“ einfügen und den Homeserver neu starten.</translation>
    </message>
</context>
<context>
    <name>RelayWords</name>
    <message>
        <source>Being asked</source>
        <translation>Wird gefragt</translation>
    </message>
    <message>
        <source>Works</source>
        <translation>Funktioniert</translation>
    </message>
    <message>
        <source>Fails</source>
        <translation>Gestört</translation>
    </message>
    <message>
        <source>Nobody answers there. Check the address, and ask whether the relay is running.</source>
        <translation>Dort antwortet niemand. Bitte die Adresse prüfen und nachfragen, ob das Relay läuft.</translation>
    </message>
    <message>
        <source>The address lies in a network that is not allowed. Allow the network in the settings under Federation, if it is yours.</source>
        <translation>Die Adresse liegt in einem Netz, das nicht erlaubt ist. Ein eigenes Netz lässt sich in den Einstellungen unter „Föderation“ erlauben.</translation>
    </message>
    <message>
        <source>The server there has another name, or could not check our key. Compare the relay&apos;s name with its operator.</source>
        <translation>Der Server dort heißt anders oder konnte unseren Schlüssel nicht prüfen. Bitte den Namen des Relays mit dem Betreiber vergleichen.</translation>
    </message>
    <message>
        <source>A server answers there, but it relays nothing. Check the address, or ask its operator to switch relaying on.</source>
        <translation>Dort antwortet ein Server, der aber keine Post aufbewahrt. Bitte die Adresse prüfen oder den Betreiber bitten, die Aufbewahrung einzuschalten.</translation>
    </message>
    <message>
        <source>The relay does not want this server. Ask its operator to add it.</source>
        <translation>Das Relay weist diesen Server ab. Bitte den Betreiber bitten, ihn hinzuzufügen.</translation>
    </message>
    <message>
        <source>The relay is there, but cannot answer just now. Try again later.</source>
        <translation>Das Relay ist da, kann aber gerade nicht antworten. Bitte später noch einmal versuchen.</translation>
    </message>
    <message>
        <source>Something answers there that is not a relay. Check the address.</source>
        <translation>Dort antwortet etwas, das kein Relay ist. Bitte die Adresse prüfen.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail so far</source>
        <translation>
            <numerusform>bisher %Ln Sendung</numerusform>
            <numerusform>bisher %Ln Sendungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Retrieving: %1.</source>
        <translation>Abholung: %1.</translation>
    </message>
    <message>
        <source>, </source>
        <translation>, </translation>
    </message>
    <message numerus="yes">
        <source> and %Ln more</source>
        <translation>
            <numerusform> und %Ln weiteres</numerusform>
            <numerusform> und %Ln weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Retrieving: %1, %2 of %3 relays done, asking %4.</source>
        <extracomment>%1 is a number of pieces of mail, %2 of relays that are done, %3 of all relays, %4 names of relays</extracomment>
        <translation>Abholung: %1, %2 von %3 Relays fertig, gefragt wird %4.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <extracomment>The name of a relay, and a sentence that says why it failed</extracomment>
        <translation>%1: %2</translation>
    </message>
    <message numerus="yes">
        <source>from %Ln relay(s)</source>
        <translation>
            <numerusform>von %Ln Relay</numerusform>
            <numerusform>von %Ln Relays</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing new %1.</source>
        <extracomment>%1 is &quot;from 3 relays&quot;</extracomment>
        <translation>Nichts Neues %1.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln new piece(s) of mail %1.</source>
        <translation>
            <numerusform>%Ln neue Sendung %1.</numerusform>
            <numerusform>%Ln neue Sendungen %1.</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Antwortet</translation>
    </message>
    <message>
        <source>Takes in no mail</source>
        <translation>Nimmt keine Post an</translation>
    </message>
    <message>
        <source>The relay refused.</source>
        <translation>Das Relay hat abgelehnt.</translation>
    </message>
    <message>
        <source>There is no relay at this address.</source>
        <translation>Unter dieser Adresse gibt es kein Relay.</translation>
    </message>
    <message>
        <source>The relay cannot do it just now.</source>
        <translation>Das Relay kann es gerade nicht.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <extracomment>A sentence, and the reason in English as the other side gave it</extracomment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1 Since %2.</source>
        <extracomment>A sentence that says what goes wrong, and a time</extracomment>
        <translation>%1 Seit %2.</translation>
    </message>
    <message>
        <source>It answers, but takes in no mail for this server. Ask its operator to add it.</source>
        <translation>Es antwortet, nimmt aber keine Post für diesen Server an. Bitte den Betreiber bitten, ihn hinzuzufügen.</translation>
    </message>
    <message>
        <source>The relay works: it answers, and it holds mail for this server.</source>
        <translation>Das Relay funktioniert: Es antwortet und bewahrt Post für diesen Server auf.</translation>
    </message>
    <message>
        <source>The relay works: it answers, and it takes mail from this server for them.</source>
        <translation>Das Relay funktioniert: Es antwortet und nimmt von diesem Server Post für den Kontakt an.</translation>
    </message>
    <message>
        <source>It answers, but cannot say whether it holds mail for this server.</source>
        <translation>Es antwortet, kann aber nicht sagen, ob es Post für diesen Server aufbewahrt.</translation>
    </message>
    <message>
        <source>It answers, but cannot say whether it takes mail from this server.</source>
        <translation>Es antwortet, kann aber nicht sagen, ob es von diesem Server Post annimmt.</translation>
    </message>
    <message>
        <source>The relay answers, but it holds no mail for this server. Ask its operator to add it.</source>
        <translation>Das Relay antwortet, bewahrt aber keine Post für diesen Server auf. Bitte den Betreiber bitten, ihn hinzuzufügen.</translation>
    </message>
    <message>
        <source>The relay answers, but it would not take mail from this server for them.</source>
        <translation>Das Relay antwortet, würde von diesem Server aber keine Post für den Kontakt annehmen.</translation>
    </message>
    <message>
        <source>The relay holds mail for this server, but takes in nothing at the moment.</source>
        <translation>Das Relay bewahrt Post für diesen Server auf, nimmt zurzeit aber keine an.</translation>
    </message>
    <message>
        <source>The certificate of the server there was refused.</source>
        <translation>Das Zertifikat des Servers dort wurde abgelehnt.</translation>
    </message>
    <message>
        <source>%1 It answered: %2</source>
        <extracomment>A sentence, and what the relay answered, in English</extracomment>
        <translation>%1 Die Antwort: %2</translation>
    </message>
    <message>
        <source>%1 The reason: %2</source>
        <extracomment>A sentence, and the reason, in English</extracomment>
        <translation>%1 Der Grund: %2</translation>
    </message>
    <message>
        <source>It has been failing since %1, last: %2</source>
        <extracomment>A time, and a sentence that says what went wrong the last time</extracomment>
        <translation>Es misslingt seit %1, zuletzt: %2</translation>
    </message>
    <message>
        <source>Nothing was collected.</source>
        <translation>Nichts wurde abgeholt.</translation>
    </message>
    <message>
        <source>Relays that failed: %1.</source>
        <translation>Relays, bei denen es misslang: %1.</translation>
    </message>
    <message>
        <source>The relay was not asked, because no certificate can be checked on this computer just now.</source>
        <translation>Das Relay wurde nicht gefragt, weil sich auf diesem Computer zurzeit kein Zertifikat prüfen lässt.</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>It holds mail for this server, but says that it takes in none just now.</source>
        <translation>Es bewahrt Post für diesen Server auf, sagt aber, dass es zurzeit keine annimmt.</translation>
    </message>
    <message>
        <source>It says that it takes mail for them, but it refused the last mail on %1 (%2).</source>
        <extracomment>A time, and what the relay answered then, in English</extracomment>
        <translation>Es sagt, dass es Post für den Kontakt annimmt, hat aber die letzte am %1 abgelehnt (%2).</translation>
    </message>
    <message>
        <source>It answers, but it refused the last mail for them on %1 (%2).</source>
        <extracomment>A time, and what the relay answered then, in English</extracomment>
        <translation>Es antwortet, hat aber die letzte Post für den Kontakt am %1 abgelehnt (%2).</translation>
    </message>
    <message>
        <source>Not asked</source>
        <translation>Nicht gefragt</translation>
    </message>
    <message>
        <source>Not used</source>
        <translation>Nicht benutzt</translation>
    </message>
</context>
<context>
    <name>ServerNames</name>
    <message>
        <source>%1 (%2)</source>
        <extracomment>A friend&apos;s petname, then the server name</extracomment>
        <translation>%1 (%2)</translation>
    </message>
</context>
<context>
    <name>StateWords</name>
    <message>
        <source>Running</source>
        <translation>In Betrieb</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Degraded</source>
        <translation>Eingeschränkt</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Gestoppt</translation>
    </message>
</context>
<context>
    <name>TableCells</name>
    <message>
        <source>%1: %2</source>
        <extracomment>A table cell for screen readers: column title, then content</extracomment>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>Warnings</name>
    <message>
        <source>S&amp;torage settings…</source>
        <translation>S&amp;peichereinstellungen …</translation>
    </message>
    <message>
        <source>&amp;Network settings…</source>
        <translation>&amp;Netzwerkeinstellungen …</translation>
    </message>
    <message>
        <source>Copy &amp;details</source>
        <translation>Einzelheiten &amp;kopieren</translation>
    </message>
    <message>
        <source>Only this computer can reach the relay.</source>
        <translation>Nur dieser Computer kann das Relay erreichen.</translation>
    </message>
    <message>
        <source>&amp;Open to the network…</source>
        <translation>Für das Netzwerk &amp;öffnen …</translation>
    </message>
    <message>
        <source>Rela&amp;ying settings…</source>
        <translation>Einstell&amp;ungen zur Aufbewahrung …</translation>
    </message>
    <message numerus="yes">
        <source>Mail could not be collected from %Ln of your relays.</source>
        <translation>
            <numerusform>Von einem der eigenen Relays konnte keine Post abgeholt werden.</numerusform>
            <numerusform>Von %Ln der eigenen Relays konnte keine Post abgeholt werden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Loo&amp;k at the relays</source>
        <translation>Relays an&amp;sehen</translation>
    </message>
    <message>
        <source>Node settin&amp;gs…</source>
        <translation>Knoteneinste&amp;llungen …</translation>
    </message>
    <message>
        <source>Other users of this computer can look into Restante&apos;s folder.</source>
        <translation>Andere Benutzer dieses Computers können in den Ordner von Restante sehen.</translation>
    </message>
    <message>
        <source>The identity was missing, so a new one was made. Friends and relays know the old one.</source>
        <translation>Die Identität fehlte; deshalb wurde eine neue angelegt. Freunde und Relays kennen die alte.</translation>
    </message>
    <message>
        <source>A database was missing or empty, so a new one was made. Mail that it held is not here.</source>
        <translation>Eine Datenbank fehlte oder war leer; deshalb wurde eine neue angelegt. Post, die sie enthielt, ist nicht mehr da.</translation>
    </message>
    <message>
        <source>The secret that the homeserver shows was lost, so a new one was made. Give it to the homeserver.</source>
        <translation>Das Geheimnis, das der Homeserver vorzeigt, ging verloren; deshalb wurde ein neues angelegt. Bitte beim Homeserver eintragen.</translation>
    </message>
    <message>
        <source>The log cannot be written.</source>
        <translation>Das Protokoll kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>The relay&apos;s certificate ends soon; after that other servers refuse to connect.</source>
        <translation>Das Zertifikat des Relays läuft bald ab; danach verbinden sich andere Server nicht mehr.</translation>
    </message>
    <message>
        <source>The relay&apos;s new certificate cannot be used; the old one stays in use.</source>
        <translation>Das neue Zertifikat des Relays ist nicht verwendbar; das alte wird weiter verwendet.</translation>
    </message>
    <message>
        <source>One of your relays takes in no mail for this server.</source>
        <translation>Eines der eigenen Relays nimmt keine Post für diesen Server an.</translation>
    </message>
    <message>
        <source>A friend&apos;s relay does not take mail for them.</source>
        <translation>Das Relay eines Freundes nimmt keine Post für ihn an.</translation>
    </message>
    <message>
        <source>The homeserver has another name or key than Restante: its mail cannot be left at relays.</source>
        <translation>Der Homeserver hat einen anderen Namen oder Schlüssel als Restante: Seine Post kann nicht bei Relays hinterlegt werden.</translation>
    </message>
    <message>
        <source>The homeserver does not know Restante&apos;s secret: its mail is refused.</source>
        <translation>Der Homeserver kennt das Geheimnis von Restante nicht: Seine Post wird abgelehnt.</translation>
    </message>
    <message>
        <source>The clock of this computer seems to be wrong.</source>
        <translation>Die Uhr dieses Computers geht anscheinend falsch.</translation>
    </message>
    <message>
        <source>servers that are not among the friends served here</source>
        <translation>Server, die nicht zu den Freunden gehören, für die hier Post aufbewahrt wird</translation>
    </message>
    <message>
        <source>Mail for %1 has been refused since %2, because there is no room left for it.</source>
        <extracomment>%1 is a friend&apos;s name, %2 a date and time</extracomment>
        <translation>Post für %1 wird seit %2 abgelehnt, weil kein Platz mehr für sie ist.</translation>
    </message>
    <message numerus="yes">
        <source>And %Ln more like this.</source>
        <translation>
            <numerusform>Und eine weitere dieser Art.</numerusform>
            <numerusform>Und %Ln weitere dieser Art.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of the room for mail is taken. Once it is full, mail is refused.</source>
        <extracomment>%1 is a share in percent; of the second text, %2 is a friend&apos;s name</extracomment>
        <translation>%1 des Platzes für Post sind belegt. Wenn er voll ist, wird Post abgelehnt.</translation>
    </message>
    <message>
        <source>The mailbox of %2 is %1 full. Once it is full, more mail is refused.</source>
        <translation>Das Postfach von %2 ist zu %1 voll. Wenn es ganz voll ist, wird weitere Post abgelehnt.</translation>
    </message>
    <message>
        <source>One of your relays hands out no mail.</source>
        <translation>Eines der eigenen Relays gibt keine Post heraus.</translation>
    </message>
    <message>
        <source>The mailbox of %1 takes no more mail from a sender that has left as much as one may.</source>
        <extracomment>%1 is a friend&apos;s name</extracomment>
        <translation>Das Postfach von %1 nimmt von einem Absender keine Post mehr an, weil er schon so viel hinterlegt hat, wie ein einzelner darf.</translation>
    </message>
    <message>
        <source>Other servers cannot be asked, because their certificates cannot be checked.</source>
        <translation>Andere Server lassen sich nicht fragen, weil sich ihre Zertifikate nicht prüfen lassen.</translation>
    </message>
    <message>
        <source>Mail for %1 from unknown senders has been refused since %2, because there is no room left for it.</source>
        <extracomment>%1 is a friend&apos;s name, %2 a date and time</extracomment>
        <translation>Post unbekannter Absender für %1 wird seit %2 abgelehnt, weil kein Platz mehr für sie ist.</translation>
    </message>
    <message>
        <source>One of your relays takes in no mail just now.</source>
        <translation>Eines der eigenen Relays nimmt zurzeit keine Post an.</translation>
    </message>
    <message>
        <source>Other servers may refuse to deliver mail at a friend&apos;s front door.</source>
        <translation>Andere Server geben an der Haustür eines Freundes vielleicht keine Post ab.</translation>
    </message>
    <message>
        <source>The counts of the mail that came and went could not be read and begin anew. No mail is lost.</source>
        <translation>Die Zählung der Post, die kam und ging, war nicht lesbar und beginnt neu. Post ist keine verloren.</translation>
    </message>
</context>
<context>
    <name>restante::ui::ActionButton</name>
    <message>
        <source>%1 (%2)</source>
        <extracomment>What a button does, and the keys that do the same</extracomment>
        <translation>%1 (%2)</translation>
    </message>
</context>
<context>
    <name>restante::ui::AutostartField</name>
    <message>
        <source>Start when I &amp;log in, without showing the window</source>
        <translation>Beim An&amp;melden starten, ohne das Fenster zu zeigen</translation>
    </message>
    <message>
        <source>It is not known how programs start at the login on this system.</source>
        <translation>Wie Programme auf diesem System beim Anmelden starten, ist nicht bekannt.</translation>
    </message>
    <message>
        <source>The entry for it was switched off outside of Restante.</source>
        <translation>Der Eintrag dafür wurde außerhalb von Restante ausgeschaltet.</translation>
    </message>
    <message>
        <source>The entry for it was made elsewhere, and is left as it is. It starts: %1</source>
        <translation>Der Eintrag dafür wurde anderswo angelegt und bleibt, wie er ist. Er startet: %1</translation>
    </message>
    <message>
        <source>That could not be changed: %1</source>
        <translation>Das ließ sich nicht ändern: %1</translation>
    </message>
</context>
<context>
    <name>restante::ui::CardPanel</name>
    <message>
        <source>&amp;Copy link</source>
        <translation>Link kopie&amp;ren</translation>
    </message>
    <message>
        <source>The card as a QR code</source>
        <translation>Die Karte als QR-Code</translation>
    </message>
    <message>
        <source>Your relay card</source>
        <translation>Deine Relay-Karte</translation>
    </message>
    <message>
        <source>Your card for relays</source>
        <translation>Deine Karte für Relays</translation>
    </message>
    <message>
        <source>&amp;Enter the address…</source>
        <translation>Adresse ein&amp;geben …</translation>
    </message>
    <message>
        <source>Sho&amp;w the card…</source>
        <translation>Karte an&amp;zeigen …</translation>
    </message>
    <message>
        <source>Friends scan it or open it.</source>
        <translation>Freunde scannen oder öffnen sie.</translation>
    </message>
    <message>
        <source>Whoever holds mail for you scans it or opens it.</source>
        <translation>Wer Post für dich aufbewahren soll, scannt oder öffnet sie.</translation>
    </message>
    <message>
        <source>This computer collects no mail yet, so nobody can hold it.</source>
        <translation>Dieser Rechner holt noch keine Post ab, also kann sie auch niemand aufbewahren.</translation>
    </message>
    <message>
        <source>Holding mail is switched off, so there is nothing to hand out.</source>
        <translation>Das Aufbewahren von Post ist abgeschaltet, also gibt es nichts weiterzugeben.</translation>
    </message>
    <message>
        <source>There is no card yet: Restante does not know at which address others reach this computer.</source>
        <translation>Noch gibt es keine Karte: Restante weiß nicht, unter welcher Adresse andere diesen Rechner erreichen.</translation>
    </message>
    <message>
        <source>Link &amp;copied</source>
        <translation>Link kopie&amp;rt</translation>
    </message>
</context>
<context>
    <name>restante::ui::CopyBox</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy: %1</source>
        <translation>Kopieren: %1</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>restante::ui::DestinationModel</name>
    <message>
        <source>others</source>
        <translation>andere</translation>
    </message>
    <message>
        <source>Mail for users beyond the first 100 names of this server</source>
        <translation>Post für Benutzer über die ersten 100 Namen dieses Servers hinaus</translation>
    </message>
    <message>
        <source>Mail addressed to the user @%1:%2</source>
        <translation>Post an den Benutzer @%1:%2</translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail expired without being collected</source>
        <translation>
            <numerusform>%Ln Sendung ist verfallen, ohne abgeholt zu werden</numerusform>
            <numerusform>%Ln Sendungen sind verfallen, ohne abgeholt zu werden</numerusform>
        </translation>
    </message>
    <message>
        <source>Owner</source>
        <translation>Empfänger</translation>
    </message>
    <message>
        <source>Held</source>
        <translation>Aufbewahrt</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Oldest</source>
        <translation>Älteste</translation>
    </message>
    <message>
        <source>Newest</source>
        <translation>Neueste</translation>
    </message>
    <message>
        <source>Last collected</source>
        <translation>Zuletzt abgeholt</translation>
    </message>
    <message>
        <source>Full</source>
        <extracomment>A column: how much of a mailbox is used, in percent</extracomment>
        <translation>Voll</translation>
    </message>
    <message>
        <source>Passes on</source>
        <translation>Reicht weiter</translation>
    </message>
    <message>
        <source>Holds</source>
        <translation>Bewahrt auf</translation>
    </message>
    <message>
        <source>This relay is its front door, and passes mail on to %1 at once, since %2.</source>
        <extracomment>Of the first text: an address, and a date and time</extracomment>
        <translation>Dieses Relay ist seine Haustür und reicht Post sofort an %1 weiter, seit %2.</translation>
    </message>
    <message>
        <source>This relay is its front door, and holds mail until it is collected, since %1.</source>
        <translation>Dieses Relay ist seine Haustür und bewahrt Post auf, bis sie abgeholt wird, seit %1.</translation>
    </message>
    <message>
        <source>Front door</source>
        <translation>Haustür</translation>
    </message>
</context>
<context>
    <name>restante::ui::EntryDetails</name>
    <message>
        <source>Events of the selected entry</source>
        <translation>Ereignisse des gewählten Eintrags</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>Sender</source>
        <translation>Absender</translation>
    </message>
    <message>
        <source>Room</source>
        <translation>Raum</translation>
    </message>
    <message>
        <source>JSON of the selected entry</source>
        <translation>JSON des gewählten Eintrags</translation>
    </message>
    <message>
        <source>Select an entry to see what it holds.</source>
        <translation>Wähle einen Eintrag, um zu sehen, was er enthält.</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Wird gelesen …</translation>
    </message>
    <message>
        <source>This entry is %1 large; only its beginning is shown. Export it to see all of it.</source>
        <translation>Dieser Eintrag ist %1 groß; nur sein Anfang wird gezeigt. Exportiere ihn, um alles zu sehen.</translation>
    </message>
    <message>
        <source>For @%1, number %2 at its sender</source>
        <translation>Für @%1, Nummer %2 beim Absender</translation>
    </message>
    <message>
        <source>Number %1 at its sender</source>
        <translation>Nummer %1 beim Absender</translation>
    </message>
</context>
<context>
    <name>restante::ui::EntryList</name>
    <message>
        <source>D&amp;iscard selected…</source>
        <translation>Auswahl &amp;löschen …</translation>
    </message>
    <message>
        <source>&amp;Copy sender</source>
        <translation>Absender &amp;kopieren</translation>
    </message>
    <message>
        <source>Export se&amp;lected…</source>
        <translation>Auswahl expor&amp;tieren …</translation>
    </message>
    <message>
        <source>Deli&amp;ver again</source>
        <translation>Erneut &amp;zustellen</translation>
    </message>
</context>
<context>
    <name>restante::ui::EntryModel</name>
    <message>
        <source>Damaged, cannot be handed out</source>
        <translation>Beschädigt, kann nicht ausgehändigt werden</translation>
    </message>
    <message numerus="yes">
        <source>%Ln byte(s)</source>
        <translation>
            <numerusform>%Ln Byte</numerusform>
            <numerusform>%Ln Byte</numerusform>
        </translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Inhalt</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Brought by</source>
        <translation>Überbracht von</translation>
    </message>
    <message>
        <source>Set aside: damaged</source>
        <translation>Beiseite: beschädigt</translation>
    </message>
    <message>
        <source>Delivery</source>
        <translation>Zustellung</translation>
    </message>
</context>
<context>
    <name>restante::ui::FederationSettings</name>
    <message>
        <source>As&amp;k other servers for their keys</source>
        <translation>Andere Server nach ihren &amp;Schlüsseln fragen</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>D&amp;urchsuchen …</translation>
    </message>
    <message>
        <source>one network a line, such as 192.168.0.0/16</source>
        <translation>ein Netz je Zeile, etwa 192.168.0.0/16</translation>
    </message>
    <message>
        <source>These settings take effect at the next start.</source>
        <translation>Diese Einstellungen wirken ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Where a server does not answer, ask t&amp;hese for its key:</source>
        <translation>Antwortet ein Server nicht, diese nach &amp;dessen Schlüssel fragen:</translation>
    </message>
    <message>
        <source>Networks</source>
        <translation>Netze</translation>
    </message>
    <message>
        <source>Servers are not looked for in private networks, except in thes&amp;e (a home network, a VPN):</source>
        <translation>In privaten Netzen werden keine Server gesucht, außer in diese&amp;n (Heimnetz, VPN):</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Zertifikate</translation>
    </message>
    <message>
        <source>&amp;Further authorities:</source>
        <translation>&amp;Weitere Zertifizierungsstellen:</translation>
    </message>
    <message>
        <source>Federation</source>
        <translation>Föderation</translation>
    </message>
</context>
<context>
    <name>restante::ui::FileField</name>
    <message>
        <source>This file cannot be read.</source>
        <translation>Diese Datei ist nicht lesbar.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
    <message>
        <source>PEM file</source>
        <translation>PEM-Datei</translation>
    </message>
    <message>
        <source>Choose a PEM file</source>
        <translation>PEM-Datei wählen</translation>
    </message>
    <message>
        <source>PEM files (*.pem *.crt *.key)</source>
        <translation>PEM-Dateien (*.pem *.crt *.key)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Enter the whole path of the file.</source>
        <translation>Bitte den ganzen Pfad der Datei angeben.</translation>
    </message>
</context>
<context>
    <name>restante::ui::FriendRow</name>
    <message>
        <source>%1: %2, %3 full, %4</source>
        <extracomment>Read aloud: a friend&apos;s name, what is held, how full the mailbox is, when it was collected last</extracomment>
        <translation>%1: %2, zu %3 voll, %4</translation>
    </message>
</context>
<context>
    <name>restante::ui::HomeserverSettings</name>
    <message>
        <source>&amp;Look again</source>
        <translation>&amp;Noch einmal suchen</translation>
    </message>
    <message>
        <source>Another &amp;file…</source>
        <translation>Andere &amp;Datei …</translation>
    </message>
    <message>
        <source>&amp;Test</source>
        <translation>&amp;Testen</translation>
    </message>
    <message>
        <source>Whether Restante reaches the homeserver has not been tested.</source>
        <translation>Ob Restante den Homeserver erreicht, wurde nicht geprüft.</translation>
    </message>
    <message>
        <source>none: collected mail stays in the inbox</source>
        <translation>keine: Abgeholtes bleibt im Eingang</translation>
    </message>
    <message>
        <source>Where the homeserver takes requests of other servers without encryption, on this computer or in your own network, such as http://127.0.0.1:8008</source>
        <translation>Wo der Homeserver Anfragen anderer Server unverschlüsselt annimmt, auf diesem Computer oder im eigenen Netz, zum Beispiel http://127.0.0.1:8008</translation>
    </message>
    <message>
        <source>none: all mail comes with the next retrieval</source>
        <translation>keine: Alle Post kommt mit der nächsten Abholung</translation>
    </message>
    <message>
        <source>Host and port at which a friend&apos;s relay reaches the homeserver while it is on, such as home.example.org:8448</source>
        <translation>Rechner und Port, unter denen das Relay eines Freundes den Homeserver erreicht, solange er läuft, zum Beispiel home.example.org:8448</translation>
    </message>
    <message>
        <source>Homeserver</source>
        <translation>Homeserver</translation>
    </message>
    <message>
        <source>&amp;Homeserver:</source>
        <translation>&amp;Homeserver:</translation>
    </message>
    <message>
        <source>&amp;Deliver mail to:</source>
        <translation>Post &amp;zustellen an:</translation>
    </message>
    <message>
        <source>&amp;Reached by relays at:</source>
        <translation>Für &amp;Relays erreichbar:</translation>
    </message>
    <message>
        <source>In both directions</source>
        <translation>In beide Richtungen</translation>
    </message>
    <message>
        <source>What to add to its configuration</source>
        <translation>Was in seine Konfiguration gehört</translation>
    </message>
    <message>
        <source>Configuration of the homeserver</source>
        <translation>Konfiguration des Homeservers</translation>
    </message>
    <message>
        <source>Configurations (*.yaml *.yml)</source>
        <translation>Konfigurationen (*.yaml *.yml)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Suche …</translation>
    </message>
    <message>
        <source>This file is not a configuration that can be used.</source>
        <translation>Diese Datei ist keine Konfiguration, die sich verwenden lässt.</translation>
    </message>
    <message>
        <source>No configuration of Synapse or Dendrite was found in the usual places.</source>
        <translation>An den üblichen Stellen wurde keine Konfiguration von Synapse oder Dendrite gefunden.</translation>
    </message>
    <message>
        <source>&amp;Use %1</source>
        <translation>%1 &amp;verwenden</translation>
    </message>
    <message>
        <source>Asking the homeserver…</source>
        <translation>Der Homeserver wird gefragt …</translation>
    </message>
    <message>
        <source>My homeserver</source>
        <translation>Mein Homeserver</translation>
    </message>
</context>
<context>
    <name>restante::ui::IdentityPage</name>
    <message>
        <source>Another &amp;file…</source>
        <translation>Andere &amp;Datei …</translation>
    </message>
    <message>
        <source>The configuration of a homeserver that is not in one of the usual places</source>
        <translation>Die Konfiguration eines Homeservers, die an keinem der üblichen Orte liegt</translation>
    </message>
    <message>
        <source>Go on any&amp;way</source>
        <translation>&amp;Trotzdem weiter</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <extracomment>Synapse or Dendrite, and a server name</extracomment>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>No homeserver: a new name</source>
        <translation>Kein Homeserver: ein neuer Name</translation>
    </message>
    <message>
        <source>As it is: %1</source>
        <translation>Wie bisher: %1</translation>
    </message>
    <message>
        <source>This computer gets a name of its own. What it collects stays in the inbox until another program takes it out.</source>
        <translation>Dieser Computer bekommt einen eigenen Namen. Was er abholt, bleibt im Eingang, bis ein anderes Programm es herausnimmt.</translation>
    </message>
    <message>
        <source>The name that this computer has stays, and so does its homeserver.</source>
        <translation>Der Name, den dieser Computer hat, bleibt, und sein Homeserver auch.</translation>
    </message>
    <message>
        <source>This file is not a configuration that can be used.</source>
        <translation>Diese Datei ist keine Konfiguration, die sich verwenden lässt.</translation>
    </message>
    <message>
        <source>No configuration of Synapse or Dendrite was found in the usual places.</source>
        <translation>An den üblichen Stellen wurde keine Konfiguration von Synapse oder Dendrite gefunden.</translation>
    </message>
    <message>
        <source>Configuration of the homeserver</source>
        <translation>Konfiguration des Homeservers</translation>
    </message>
    <message>
        <source>Configurations (*.yaml *.yml)</source>
        <translation>Konfigurationen (*.yaml *.yml)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>This configuration does not say under which name the homeserver signs, or where its key is, so it cannot be used.</source>
        <translation>Diese Konfiguration sagt nicht, unter welchem Namen der Homeserver unterschreibt oder wo sein Schlüssel liegt. Sie lässt sich deshalb nicht verwenden.</translation>
    </message>
    <message>
        <source>Asking the homeserver…</source>
        <translation>Der Homeserver wird gefragt …</translation>
    </message>
    <message>
        <source>Your homeserver</source>
        <translation>Dein Homeserver</translation>
    </message>
    <message>
        <source>Restante collects under the name of your homeserver, and signs with its key. Which one is it?</source>
        <translation>Restante holt unter dem Namen deines Homeservers ab und unterschreibt mit seinem Schlüssel. Welcher ist es?</translation>
    </message>
</context>
<context>
    <name>restante::ui::InboxPage</name>
    <message>
        <source>Collected entries</source>
        <translation>Abgeholte Einträge</translation>
    </message>
    <message>
        <source>E&amp;xport all…</source>
        <translation>Alle e&amp;xportieren …</translation>
    </message>
    <message>
        <source>Disc&amp;ard all…</source>
        <translation>&amp;Alle löschen …</translation>
    </message>
    <message>
        <source>Nothing has been collected. What relays held for this server appears on this page until it is taken out.</source>
        <translation>Es wurde nichts abgeholt. Was Relays für diesen Server aufbewahrt haben, erscheint auf dieser Seite, bis es entnommen wird.</translation>
    </message>
    <message>
        <source>&amp;View the relays</source>
        <translation>&amp;Relays ansehen</translation>
    </message>
    <message>
        <source>This page lists the mail that was collected from relays for a homeserver of yours. Working beside a homeserver is switched off.</source>
        <translation>Diese Seite zeigt die Post, die für einen eigenen Homeserver von Relays abgeholt wurde. Die Arbeit neben einem Homeserver ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>S&amp;witch it on…</source>
        <translation>E&amp;inschalten …</translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail collected (%1)</source>
        <translation>
            <numerusform>%Ln Sendung abgeholt (%1)</numerusform>
            <numerusform>%Ln Sendungen abgeholt (%1)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Discard %Ln collected piece(s) of mail? The relays have forgotten them; they cannot be collected again.</source>
        <translation>
            <numerusform>%Ln abgeholte Sendung löschen? Die Relays haben sie vergessen; sie kann nicht noch einmal abgeholt werden.</numerusform>
            <numerusform>%Ln abgeholte Sendungen löschen? Die Relays haben sie vergessen; sie können nicht noch einmal abgeholt werden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Discard collected mail</source>
        <translation>Abgeholte Post löschen</translation>
    </message>
    <message>
        <source>&amp;Discard</source>
        <translation>&amp;Löschen</translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail discarded.</source>
        <translation>
            <numerusform>%Ln Sendung gelöscht.</numerusform>
            <numerusform>%Ln Sendungen gelöscht.</numerusform>
        </translation>
    </message>
    <message>
        <source>inbox</source>
        <translation>eingang</translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail written to %1.</source>
        <translation>
            <numerusform>%Ln Sendung nach %1 geschrieben.</numerusform>
            <numerusform>%Ln Sendungen nach %1 geschrieben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Inbox</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <source>Nothing can be collected: the file node.sqlite is damaged.</source>
        <translation>Es kann nichts abgeholt werden: Die Datei node.sqlite ist beschädigt.</translation>
    </message>
    <message>
        <source>Nothing has been collected: working beside a homeserver begins at the next start of Restante.</source>
        <translation>Noch wurde nichts abgeholt: Die Arbeit neben einem Homeserver beginnt mit dem nächsten Start von Restante.</translation>
    </message>
    <message>
        <source>Node settin&amp;gs…</source>
        <translation>Knoteneinste&amp;llungen …</translation>
    </message>
    <message>
        <source>Damaged ones that were left out: %1.</source>
        <translation>Beschädigte, die ausgelassen wurden: %1.</translation>
    </message>
    <message>
        <source>Sho&amp;w:</source>
        <translation>Anzei&amp;gen:</translation>
    </message>
    <message>
        <source>Deliver to my ho&amp;meserver…</source>
        <translation>&amp;Meinem Homeserver zustellen …</translation>
    </message>
    <message>
        <source>All mail</source>
        <translation>Alle Post</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartende</translation>
    </message>
    <message>
        <source>Set aside</source>
        <translation>Beiseitegelegte</translation>
    </message>
    <message>
        <source>It stays here until it is taken out: no homeserver is set that it could be delivered to.</source>
        <translation>Sie bleibt hier, bis sie entnommen wird: Es ist kein Homeserver eingestellt, dem sie zugestellt werden könnte.</translation>
    </message>
    <message>
        <source>%1 waiting · %2 set aside · %3 delivered since the start</source>
        <extracomment>Three numbers of pieces of mail</extracomment>
        <translation>%1 wartend · %2 beiseitegelegt · %3 zugestellt seit dem Start</translation>
    </message>
    <message>
        <source>Nothing can be delivered just now: %1</source>
        <extracomment>The reason, in English</extracomment>
        <translation>Gerade kann nichts zugestellt werden: %1</translation>
    </message>
    <message>
        <source>All of it waits for its turn already.</source>
        <translation>Alles wartet schon, bis es an der Reihe ist.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail will be tried again.</source>
        <translation>
            <numerusform>%Ln Sendung wird erneut versucht.</numerusform>
            <numerusform>%Ln Sendungen werden erneut versucht.</numerusform>
        </translation>
    </message>
    <message>
        <source>D&amp;eliver all again</source>
        <translation>Alle e&amp;rneut zustellen</translation>
    </message>
</context>
<context>
    <name>restante::ui::InvitesDialog</name>
    <message>
        <source>Failed invites</source>
        <translation>Gescheiterte Einladungen</translation>
    </message>
    <message>
        <source>These invites came while the server of the invited person was away. An invite cannot be held: whoever sent it has to invite once more when that server is back.</source>
        <translation>Diese Einladungen kamen, während der Server der eingeladenen Person fort war. Eine Einladung lässt sich nicht aufbewahren: Wer sie geschickt hat, muss noch einmal einladen, wenn dieser Server wieder da ist.</translation>
    </message>
    <message>
        <source>Last</source>
        <translation>Zuletzt</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>Invited</source>
        <translation>Eingeladen</translation>
    </message>
    <message>
        <source>Room</source>
        <translation>Raum</translation>
    </message>
    <message>
        <source>Times</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>restante::ui::LastPage</name>
    <message>
        <source>&amp;Copy link</source>
        <translation>Link &amp;kopieren</translation>
    </message>
    <message>
        <source>The card as a QR code</source>
        <translation>Die Karte als QR-Code</translation>
    </message>
    <message>
        <source>The card as a link</source>
        <translation>Die Karte als Link</translation>
    </message>
    <message>
        <source>The relay runs. Nobody’s mail is held yet.</source>
        <translation>Das Relay läuft. Noch wird für niemanden Post aufbewahrt.</translation>
    </message>
    <message>
        <source>No relay holds your mail yet.</source>
        <translation>Noch bewahrt kein Relay deine Post auf.</translation>
    </message>
    <message>
        <source>Mail is collected from %1 from now on.</source>
        <translation>Von jetzt an wird Post bei %1 abgeholt.</translation>
    </message>
    <message>
        <source>Mail for %1 is held here from now on.</source>
        <translation>Post für %1 wird von jetzt an hier aufbewahrt.</translation>
    </message>
    <message>
        <source>There is no card yet: %1</source>
        <translation>Es gibt noch keine Karte: %1</translation>
    </message>
    <message>
        <source>Send this card to your friends: opening it adds this relay to theirs. It stays under “Cards”.</source>
        <translation>Schick diese Karte deinen Freunden: Wer sie öffnet, fügt dieses Relay zu seinen hinzu. Sie bleibt unter „Karten“.</translation>
    </message>
    <message>
        <source>Send this card to the friend with the relay: once they have opened it, mail for you is held there. It stays under “Cards”.</source>
        <translation>Schick diese Karte dem Freund mit dem Relay: Sobald er sie geöffnet hat, wird dort Post für dich aufbewahrt. Sie bleibt unter „Karten“.</translation>
    </message>
    <message>
        <source>&amp;Copied</source>
        <translation>&amp;Kopiert</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>&amp;Finish</source>
        <translation>Fertig&amp;stellen</translation>
    </message>
</context>
<context>
    <name>restante::ui::MainWindow</name>
    <message>
        <source>Restante</source>
        <translation>Restante</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>&amp;Einstellungen …</translation>
    </message>
    <message>
        <source>Settings (%1)</source>
        <translation>Einstellungen (%1)</translation>
    </message>
    <message>
        <source>Some of the new settings take effect when Restante is started the next time.</source>
        <translation>Einige der neuen Einstellungen gelten erst nach dem nächsten Start von Restante.</translation>
    </message>
    <message>
        <source>&amp;Understood</source>
        <translation>&amp;Verstanden</translation>
    </message>
    <message>
        <source>Links and QR codes with which friends add your relay, and you theirs</source>
        <translation>Links und QR-Codes, mit denen Freunde dein Relay hinzufügen und du ihres</translation>
    </message>
    <message>
        <source>Show my &amp;relay card…</source>
        <translation>Meine &amp;Relay-Karte zeigen …</translation>
    </message>
    <message>
        <source>Show my card for a re&amp;lay…</source>
        <translation>Meine Karte für ein Re&amp;lay zeigen …</translation>
    </message>
    <message>
        <source>&amp;Open a card…</source>
        <translation>Karte ö&amp;ffnen …</translation>
    </message>
    <message>
        <source>Cards</source>
        <translation>Karten</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>There is no tray that Restante could go on in. If it ends, this computer holds and collects no mail until it is started again.</source>
        <translation>Es gibt hier keine Ablage für Symbole, in der Restante weiterlaufen könnte. Wird es beendet, bewahrt dieser Computer keine Post auf und holt keine ab, bis es wieder gestartet wird.</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
</context>
<context>
    <name>restante::ui::NamesList</name>
    <message>
        <source>Enter a server name, such as matrix.example.org.</source>
        <translation>Bitte einen Servernamen angeben, zum Beispiel matrix.example.org.</translation>
    </message>
    <message>
        <source>one server name a line</source>
        <translation>ein Servername je Zeile</translation>
    </message>
</context>
<context>
    <name>restante::ui::NetworkSettings</name>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Only &amp;this computer</source>
        <translation>Nur &amp;dieser Computer</translation>
    </message>
    <message>
        <source>Other computers &amp;in every network this computer is in</source>
        <translation>Andere Computer &amp;in allen Netzwerken dieses Computers</translation>
    </message>
    <message>
        <source>Th&amp;ese addresses:</source>
        <translation>Über di&amp;ese Adressen:</translation>
    </message>
    <message>
        <source>&amp;Port:</source>
        <translation>&amp;Port:</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>The address of a reverse proxy whose X-Forwarded-For header may be believed</source>
        <translation>Die Adresse eines Reverse-Proxys, dessen Kopfzeile X-Forwarded-For vertraut wird</translation>
    </message>
    <message>
        <source>Trusted pro&amp;xy:</source>
        <translation>Vertrauenswürdiger Pro&amp;xy:</translation>
    </message>
    <message>
        <source>Addresses to listen on, one a line</source>
        <translation>Adressen, unter denen das Relay erreichbar ist, eine je Zeile</translation>
    </message>
    <message>
        <source>Who can reach the relay</source>
        <translation>Wer das Relay erreichen kann</translation>
    </message>
    <message>
        <source>Encryption (TLS)</source>
        <translation>Verschlüsselung (TLS)</translation>
    </message>
    <message>
        <source>&amp;Certificate:</source>
        <translation>&amp;Zertifikat:</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>D&amp;urchsuchen …</translation>
    </message>
    <message>
        <source>Private &amp;key:</source>
        <translation>Privater &amp;Schlüssel:</translation>
    </message>
    <message>
        <source>B&amp;rowse…</source>
        <translation>Du&amp;rchsuchen …</translation>
    </message>
    <message>
        <source>Enter at least one address.</source>
        <translation>Bitte mindestens eine Adresse angeben.</translation>
    </message>
    <message>
        <source>A proxy or an encr&amp;ypted network encrypts instead</source>
        <translation>Stattdessen &amp;verschlüsselt ein Proxy oder ein verschlüsseltes Netz</translation>
    </message>
    <message>
        <source>Without a certificate of yours the relay makes one for itself. Friends know it by its pin, which stands on the relay card.</source>
        <translation>Ohne eigenes Zertifikat macht sich das Relay selbst eines. Freunde erkennen es an seinem Pin, der auf der Relay-Karte steht.</translation>
    </message>
    <message>
        <source>Other computers then reach this relay without encryption of its own.</source>
        <translation>Andere Computer erreichen dieses Relay dann ohne dessen eigene Verschlüsselung.</translation>
    </message>
    <message>
        <source>P&amp;ublic address:</source>
        <translation>&amp;Öffentliche Adresse:</translation>
    </message>
</context>
<context>
    <name>restante::ui::NodeSettings</name>
    <message>
        <source>&amp;Work beside a homeserver (takes effect at the next start)</source>
        <translation>Neben einem &amp;Homeserver arbeiten (wirkt ab dem nächsten Start)</translation>
    </message>
    <message>
        <source>Petname</source>
        <translation>Eigener Name</translation>
    </message>
    <message>
        <source>Relay</source>
        <translation>Relay</translation>
    </message>
    <message>
        <source>Holds mail for</source>
        <translation>Bewahrt auf für</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>Hin&amp;zufügen …</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>B&amp;earbeiten …</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>Entfe&amp;rnen</translation>
    </message>
    <message>
        <source>Homeserver</source>
        <translation>Homeserver</translation>
    </message>
    <message>
        <source>Address &amp;for the homeserver:</source>
        <translation>Adresse &amp;für den Homeserver:</translation>
    </message>
    <message>
        <source>Failures &amp;until a server counts as offline:</source>
        <translation>Fehlschläge, &amp;bis ein Server als offline gilt:</translation>
    </message>
    <message>
        <source>Relays of this server and of its contacts</source>
        <translation>Relays dieses Servers und seiner Kontakte</translation>
    </message>
    <message>
        <source>Relays</source>
        <translation>Relays</translation>
    </message>
    <message>
        <source>Collecting</source>
        <translation>Abholung</translation>
    </message>
    <message>
        <source>Co&amp;llect every, seconds:</source>
        <translation>&amp;Abstand der Abholungen in Sekunden:</translation>
    </message>
    <message>
        <source>&amp;Pieces of mail in the inbox from one relay:</source>
        <translation>&amp;Sendungen im Eingang je Relay:</translation>
    </message>
    <message>
        <source>Si&amp;ze in the inbox from one relay:</source>
        <translation>&amp;Größe im Eingang je Relay:</translation>
    </message>
    <message>
        <source>Enter an address of this computer and a port, such as 127.0.0.1:8450.</source>
        <translation>Bitte eine Adresse dieses Computers und einen Port angeben, etwa 127.0.0.1:8450.</translation>
    </message>
    <message>
        <source>At least 1 MiB is needed.</source>
        <translation>Mindestens 1 MiB ist nötig.</translation>
    </message>
    <message>
        <source>this server</source>
        <translation>diesen Server</translation>
    </message>
    <message>
        <source>Relays and node</source>
        <translation>Relays und Knoten</translation>
    </message>
    <message>
        <source>Restante then sends for the homeserver and collects its mail from relays. What the homeserver&apos;s configuration needs for that is shown under “My homeserver”.</source>
        <translation>Restante sendet dann für den Homeserver und holt dessen Post von Relays ab. Was die Konfiguration des Homeservers dafür braucht, steht unter „Mein Homeserver“.</translation>
    </message>
    <message>
        <source>A&amp;dd…</source>
        <translation>Hinz&amp;ufügen …</translation>
    </message>
    <message>
        <source>Ed&amp;it…</source>
        <translation>Bearbe&amp;iten …</translation>
    </message>
    <message>
        <source>Re&amp;move</source>
        <translation>En&amp;tfernen</translation>
    </message>
    <message>
        <source>Relays that send for this server</source>
        <translation>Relays, die für diesen Server senden</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>A friend may have no relay. Mail for them can wait at one of these, which sends it when they are back. The relay&apos;s operator has to allow that.</source>
        <translation>Nicht jeder Freund hat ein Relay. Post für ihn kann auf einem von diesen warten, das sie sendet, sobald er wieder da ist. Wer das Relay betreibt, muss das erlauben.</translation>
    </message>
</context>
<context>
    <name>restante::ui::OpenCardDialog</name>
    <message>
        <source>&amp;Paste</source>
        <translation>E&amp;infügen</translation>
    </message>
    <message>
        <source>&amp;File or picture…</source>
        <translation>&amp;Datei oder Bild …</translation>
    </message>
    <message>
        <source>Open a card</source>
        <translation>Karte öffnen</translation>
    </message>
    <message>
        <source>The card&apos;s &amp;link, as somebody sent it to you:</source>
        <translation>Der &amp;Link der Karte, wie du ihn bekommen hast:</translation>
    </message>
    <message>
        <source>your own name for them, kept on this computer</source>
        <translation>dein eigener Name dafür, bleibt auf diesem Computer</translation>
    </message>
    <message>
        <source>&amp;Server name:</source>
        <translation>&amp;Servername:</translation>
    </message>
    <message>
        <source>&amp;Address:</source>
        <translation>&amp;Adresse:</translation>
    </message>
    <message>
        <source>Certificate p&amp;in:</source>
        <translation>Zertifikats-&amp;Pin:</translation>
    </message>
    <message>
        <source>P&amp;etname:</source>
        <translation>Ei&amp;gener Name:</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>A link, or a picture of a QR code, that you copied</source>
        <translation>Ein Link oder das Bild eines QR-Codes, das du kopiert hast</translation>
    </message>
    <message>
        <source>A file with the link in it, or a picture of the QR code. It can also be dropped here.</source>
        <translation>Eine Datei mit dem Link oder ein Bild des QR-Codes. Sie lässt sich auch hierher ziehen.</translation>
    </message>
    <message>
        <source>There is nothing to paste: copy the link, or the picture, first.</source>
        <translation>Es gibt nichts einzufügen: Kopiere zuerst den Link oder das Bild.</translation>
    </message>
    <message>
        <source>Paste the link above, or choose a file or picture. A card can also be dropped here.</source>
        <translation>Füge oben den Link ein oder wähle eine Datei oder ein Bild. Eine Karte lässt sich auch hierher ziehen.</translation>
    </message>
    <message>
        <source>Add the &amp;relay</source>
        <translation>&amp;Relay hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Hold mail</source>
        <translation>Post auf&amp;bewahren</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Change the &amp;relay</source>
        <translation>&amp;Relay ändern</translation>
    </message>
</context>
<context>
    <name>restante::ui::OutboxModel</name>
    <message>
        <source>Reachable</source>
        <translation>Erreichbar</translation>
    </message>
    <message numerus="yes">
        <source>Failed %Ln time(s)</source>
        <translation>
            <numerusform>%Ln Fehlschlag</numerusform>
            <numerusform>%Ln Fehlschläge</numerusform>
        </translation>
    </message>
    <message>
        <source>Offline: no relay known</source>
        <translation>Offline: kein Relay</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Last reached</source>
        <translation>Zuletzt erreicht</translation>
    </message>
    <message>
        <source>Last failure</source>
        <translation>Letzter Fehler</translation>
    </message>
    <message>
        <source>Relays</source>
        <translation>Relays</translation>
    </message>
    <message>
        <source>Directly</source>
        <translation>Direkt</translation>
    </message>
    <message>
        <source>By relays</source>
        <translation>Über Relays</translation>
    </message>
    <message>
        <source>Not known: tried directly next</source>
        <extracomment>Of a server: there is nothing yet that shows whether it can be reached</extracomment>
        <translation>Nicht bekannt: nächster Versuch direkt</translation>
    </message>
    <message>
        <source>Offline: relays take its mail</source>
        <translation>Offline: Relays nehmen seine Post an</translation>
    </message>
    <message>
        <source>Offline: relays refuse its mail</source>
        <translation>Offline: Relays lehnen seine Post ab</translation>
    </message>
    <message>
        <source>%1 (since %2)</source>
        <extracomment>A relay&apos;s name and what it answered, and a time</extracomment>
        <translation>%1 (seit %2)</translation>
    </message>
    <message>
        <source>Mail sent directly</source>
        <translation>Direkt gesendete Post</translation>
    </message>
    <message>
        <source>Mail left at relays</source>
        <translation>Bei Relays hinterlegte Post</translation>
    </message>
    <message>
        <source>Failing since %1, last: %2</source>
        <extracomment>A time, and a relay&apos;s name and what it answered the last time</extracomment>
        <translation>Es misslingt seit %1, zuletzt: %2</translation>
    </message>
    <message>
        <source>Offline: relays not used since the start</source>
        <translation>Offline: Relays seit dem Start nicht benutzt</translation>
    </message>
    <message>
        <source>Relays that hold mail for this server</source>
        <translation>Relays, die Post für diesen Server aufbewahren</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
</context>
<context>
    <name>restante::ui::OutboxPage</name>
    <message>
        <source>Try directly a&amp;gain</source>
        <translation>Wieder &amp;direkt versuchen</translation>
    </message>
    <message>
        <source>Copy server name</source>
        <translation>Servernamen kopieren</translation>
    </message>
    <message>
        <source>Forget that the selected server could not be reached; the next piece of mail goes there directly</source>
        <translation>Vergessen, dass der gewählte Server nicht erreichbar war; die nächste Sendung geht direkt dorthin</translation>
    </message>
    <message>
        <source>This page shows whether the servers that a homeserver of yours sends to can be reached, or get their mail by relays. Working beside a homeserver is switched off.</source>
        <translation>Diese Seite zeigt, ob die Server, an die ein eigener Homeserver sendet, erreichbar sind oder ihre Post über Relays erhalten. Die Arbeit neben einem Homeserver ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>S&amp;witch it on…</source>
        <translation>E&amp;inschalten …</translation>
    </message>
    <message>
        <source>Nothing has been sent, and nothing can be: Restante does not listen for the homeserver. Check the address in the settings.</source>
        <translation>Es wurde nichts gesendet, und es geht auch nicht: Restante ist für den Homeserver nicht erreichbar. Bitte die Adresse in den Einstellungen prüfen.</translation>
    </message>
    <message>
        <source>Node settin&amp;gs…</source>
        <translation>Knoteneinste&amp;llungen …</translation>
    </message>
    <message>
        <source>The next piece of mail for %1 goes there directly.</source>
        <translation>Die nächste Sendung für %1 geht direkt dorthin.</translation>
    </message>
    <message>
        <source>Outbox</source>
        <translation>Ausgang</translation>
    </message>
    <message>
        <source>Nothing can be sent: the file node.sqlite is damaged.</source>
        <translation>Es kann nichts gesendet werden: Die Datei node.sqlite ist beschädigt.</translation>
    </message>
    <message>
        <source>Nothing has been sent: working beside a homeserver begins at the next start of Restante.</source>
        <translation>Noch wurde nichts gesendet: Die Arbeit neben einem Homeserver beginnt mit dem nächsten Start von Restante.</translation>
    </message>
    <message>
        <source>name or server</source>
        <translation>Name oder Server</translation>
    </message>
    <message>
        <source>Where the homeserver sends to</source>
        <translation>Wohin der Homeserver sendet</translation>
    </message>
    <message>
        <source>Nothing has been sent yet. Set %1 as the proxy of the homeserver; then the servers that it sends to appear here.</source>
        <translation>Es wurde noch nichts gesendet. Bitte %1 beim Homeserver als Proxy eintragen; dann erscheinen hier die Server, an die er sendet.</translation>
    </message>
    <message>
        <source>Filter the servers</source>
        <translation>Server filtern</translation>
    </message>
    <message>
        <source>Servers and whether they can be reached</source>
        <translation>Server und ob sie erreichbar sind</translation>
    </message>
</context>
<context>
    <name>restante::ui::OverviewPage</name>
    <message>
        <source>nothing held</source>
        <translation>nichts aufbewahrt</translation>
    </message>
    <message>
        <source>%1 held · %2</source>
        <extracomment>A number of pieces of mail and their size</extracomment>
        <translation>%1 aufbewahrt · %2</translation>
    </message>
    <message>
        <source>All &amp;friends</source>
        <translation>Alle Freun&amp;de</translation>
    </message>
    <message>
        <source>Mail that came and went</source>
        <translation>Post, die kam und ging</translation>
    </message>
    <message>
        <source>&amp;1 hour</source>
        <translation>&amp;1 Stunde</translation>
    </message>
    <message>
        <source>&amp;24 hours</source>
        <translation>&amp;24 Stunden</translation>
    </message>
    <message>
        <source>&amp;30 days</source>
        <translation>&amp;30 Tage</translation>
    </message>
    <message>
        <source>Friends</source>
        <translation>Freunde</translation>
    </message>
    <message>
        <source>yesterday %1</source>
        <extracomment>A number of pieces of mail</extracomment>
        <translation>gestern %1</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <extracomment>A size, and how much it may be</extracomment>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Held now</source>
        <translation>Aufbewahrt</translation>
    </message>
    <message>
        <source>%1 of the room for mail is taken</source>
        <translation>%1 des Platzes für Post sind belegt</translation>
    </message>
    <message>
        <source>Taken in today</source>
        <translation>Heute angenommen</translation>
    </message>
    <message>
        <source>Handed over today</source>
        <translation>Heute übergeben</translation>
    </message>
    <message>
        <source>Refused today</source>
        <translation>Heute abgewiesen</translation>
    </message>
    <message>
        <source>Attempts to leave mail that were refused: for nobody that is served here, without a good signature, too often, or because there was no room. Senders try again, so one piece of mail may count more than once.</source>
        <translation>Abgewiesene Versuche, Post zu hinterlassen: für niemanden, für den hier Post aufbewahrt wird, ohne gültige Signatur, zu oft oder weil kein Platz war. Absender versuchen es wieder, daher kann eine Sendung mehrmals zählen.</translation>
    </message>
    <message>
        <source>In the inbox</source>
        <translation>Im Posteingang</translation>
    </message>
    <message>
        <source>Collected today</source>
        <translation>Heute abgeholt</translation>
    </message>
    <message>
        <source>Delivered today</source>
        <translation>Heute zugestellt</translation>
    </message>
    <message numerus="yes">
        <source>%Ln could not be asked</source>
        <translation>
            <numerusform>%Ln war nicht zu erreichen</numerusform>
            <numerusform>%Ln waren nicht zu erreichen</numerusform>
        </translation>
    </message>
    <message>
        <source>hold mail for you</source>
        <translation>bewahren Post für dich auf</translation>
    </message>
    <message>
        <source>Relays</source>
        <translation>Relays</translation>
    </message>
    <message>
        <source>No friend has been added; mail is held for everyone.</source>
        <translation>Es ist kein Freund eingetragen; Post wird für alle aufbewahrt.</translation>
    </message>
    <message>
        <source>No friend has been added yet. While a friend&apos;s server is offline, mail for them is held here until they collect it.</source>
        <translation>Noch ist kein Freund eingetragen. Solange der Server eines Freundes offline ist, wird seine Post hier aufbewahrt, bis er sie abholt.</translation>
    </message>
    <message>
        <source>never collected yet</source>
        <translation>noch nie abgeholt</translation>
    </message>
    <message>
        <source>collected %1</source>
        <translation>abgeholt %1</translation>
    </message>
    <message>
        <source>Collected last: %1</source>
        <translation>Zuletzt abgeholt: %1</translation>
    </message>
    <message>
        <source>%1 of the mailbox is full</source>
        <translation>Das Postfach ist zu %1 voll</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
</context>
<context>
    <name>restante::ui::OwnCardDialog</name>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>&amp;Save…</source>
        <translation>&amp;Speichern …</translation>
    </message>
    <message>
        <source>My relay card</source>
        <translation>Meine Relay-Karte</translation>
    </message>
    <message>
        <source>My card for a relay</source>
        <translation>Meine Karte für ein Relay</translation>
    </message>
    <message>
        <source>&amp;Copied</source>
        <translation>&amp;Kopiert</translation>
    </message>
    <message>
        <source>Whoever opens this card adds your relay to theirs. Nothing in it is secret.</source>
        <translation>Wer diese Karte öffnet, fügt dein Relay zu den eigenen hinzu. Nichts darauf ist geheim.</translation>
    </message>
    <message>
        <source>Whoever opens this card holds mail for your server. Nothing in it is secret.</source>
        <translation>Wer diese Karte öffnet, bewahrt Post für deinen Server auf. Nichts darauf ist geheim.</translation>
    </message>
    <message>
        <source>Done: you hold mail for %1. Now send this card back, so that they add your relay.</source>
        <translation>Erledigt: Du bewahrst Post für %1 auf. Schicke nun diese Karte zurück, damit dein Relay dort hinzugefügt wird.</translation>
    </message>
    <message>
        <source>Done: %1 is one of your relays. Now send this card back, so that they hold mail for you.</source>
        <translation>Erledigt: %1 ist eines deiner Relays. Schicke nun diese Karte zurück, damit dort Post für dich aufbewahrt wird.</translation>
    </message>
    <message>
        <source>how the other person knows you; may be empty</source>
        <translation>wie die andere Person dich kennt; darf leer sein</translation>
    </message>
    <message>
        <source>https://relay.example.org:8449</source>
        <translation>https://relay.example.org:8449</translation>
    </message>
    <message>
        <source>Where other servers reach this relay, as https://host:port; several are separated by spaces.</source>
        <translation>Wo andere Server dieses Relay erreichen, als https://Rechner:Port; mehrere werden durch Leerzeichen getrennt.</translation>
    </message>
    <message>
        <source>The card as a QR code</source>
        <translation>Die Karte als QR-Code</translation>
    </message>
    <message>
        <source>Your &amp;name:</source>
        <translation>Dein &amp;Name:</translation>
    </message>
    <message>
        <source>&amp;Address:</source>
        <translation>&amp;Adresse:</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>The card as a link</source>
        <translation>Die Karte als Link</translation>
    </message>
    <message>
        <source>There is no card until that is mended.</source>
        <translation>Es gibt keine Karte, bis das berichtigt ist.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>a sentence, and its detail</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>This computer collects no mail, so nobody can hold it for you. Switch that on first: Settings, Relays and node.</source>
        <translation>Dieser Computer holt keine Post ab, also kann niemand sie für dich aufbewahren. Schalte das zuerst ein: Einstellungen, „Relays und Knoten“.</translation>
    </message>
    <message>
        <source>Enter the address at which others reach this relay. Nobody can tell from here which it is: it is that of your router, or a name that leads to it.</source>
        <translation>Gib die Adresse ein, unter der andere dieses Relay erreichen. Von hier aus lässt sie sich nicht feststellen: Es ist die deines Routers oder ein Name, der zu ihm führt.</translation>
    </message>
    <message>
        <source>Relaying is switched off, so this computer holds no mail for others. Switch it on first: Settings, Relaying.</source>
        <translation>Die Aufbewahrung ist ausgeschaltet, also bewahrt dieser Computer keine Post für andere auf. Schalte sie zuerst ein: Einstellungen, „Aufbewahrung“.</translation>
    </message>
    <message>
        <source>Save the card</source>
        <translation>Karte speichern</translation>
    </message>
    <message>
        <source>Picture (*.png)</source>
        <translation>Bild (*.png)</translation>
    </message>
    <message>
        <source>Drawing (*.svg)</source>
        <translation>Zeichnung (*.svg)</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation>Text (*.txt)</translation>
    </message>
    <message>
        <source>The card is in %1.</source>
        <translation>Die Karte steht in %1.</translation>
    </message>
    <message>
        <source>The card was not saved: %1</source>
        <translation>Die Karte wurde nicht gespeichert: %1</translation>
    </message>
</context>
<context>
    <name>restante::ui::PageFilter</name>
    <message>
        <source>&amp;Filter:</source>
        <translation>&amp;Filter:</translation>
    </message>
</context>
<context>
    <name>restante::ui::PageNotice</name>
    <message>
        <source>&amp;Hide</source>
        <translation>Aus&amp;blenden</translation>
    </message>
</context>
<context>
    <name>restante::ui::PeoplePage</name>
    <message>
        <source>&amp;Paste</source>
        <translation>E&amp;infügen</translation>
    </message>
    <message>
        <source>A link or a server name</source>
        <translation>Ein Link oder ein Servername</translation>
    </message>
    <message>
        <source>For whom</source>
        <translation>Für wen</translation>
    </message>
    <message>
        <source>Where your mail waits</source>
        <translation>Wo deine Post wartet</translation>
    </message>
    <message>
        <source>Paste the link that a friend sent you, or enter the name of a friend’s server. It can also be the link of a relay that holds your mail.</source>
        <translation>Füge den Link ein, den ein Freund dir geschickt hat, oder gib den Namen seines Servers ein. Es kann auch der Link eines Relays sein, das deine Post aufbewahrt.</translation>
    </message>
    <message>
        <source>Paste the link that a friend sent you, or enter the name of their server.</source>
        <translation>Füge den Link ein, den ein Freund dir geschickt hat, oder gib den Namen seines Servers ein.</translation>
    </message>
    <message>
        <source>Paste the link that the friend with the relay sent you.</source>
        <translation>Füge den Link ein, den dir der Freund mit dem Relay geschickt hat.</translation>
    </message>
    <message>
        <source>&amp;Skip</source>
        <translation>Über&amp;springen</translation>
    </message>
    <message>
        <source>Add the &amp;relay</source>
        <translation>&amp;Relay hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Hold mail</source>
        <translation>Post auf&amp;bewahren</translation>
    </message>
    <message>
        <source>There is nothing to paste: copy the link, or the name, first.</source>
        <translation>Es gibt nichts einzufügen: Kopiere zuerst den Link oder den Namen.</translation>
    </message>
    <message>
        <source>Nobody yet? Skip this: a friend can be added at any time.</source>
        <translation>Noch niemand? Dann überspring das: Ein Freund lässt sich jederzeit hinzufügen.</translation>
    </message>
    <message>
        <source>This is the link of a relay that holds mail for you. To use it, go back and choose “Collect my mail” or “Both”.</source>
        <translation>Das ist der Link eines Relays, das Post für dich aufbewahrt. Um es zu nutzen, geh zurück und wähle „Meine Post abholen“ oder „Beides“.</translation>
    </message>
    <message>
        <source>This is the link of a friend whose mail is to be held. To use it, go back and choose “Hold mail for friends” or “Both”.</source>
        <translation>Das ist der Link eines Freundes, dessen Post aufbewahrt werden soll. Um ihn zu nutzen, geh zurück und wähle „Post für Freunde aufbewahren“ oder „Beides“.</translation>
    </message>
    <message>
        <source>This is the name of this computer itself.</source>
        <translation>Das ist der Name dieses Computers selbst.</translation>
    </message>
</context>
<context>
    <name>restante::ui::PublicAddress</name>
    <message>
        <source>Public address</source>
        <translation>Öffentliche Adresse</translation>
    </message>
    <message>
        <source>Where friends reach this relay, as https://host:port; several are separated by spaces. It stands on the relay card.</source>
        <translation>Wo Freunde dieses Relay erreichen, als https://host:port; mehrere durch Leerzeichen getrennt. Sie steht auf der Relay-Karte.</translation>
    </message>
    <message>
        <source>Choose where friends reach this relay: one of the addresses of this computer, that of your router, or a name that leads to it.</source>
        <translation>Wähle, wo Freunde dieses Relay erreichen: eine der Adressen dieses Computers, die deines Routers oder ein Name, der zu ihm führt.</translation>
    </message>
    <message>
        <source>From anywhere, if your router lets it through to this computer.</source>
        <translation>Von überall, wenn dein Router es zu diesem Computer durchlässt.</translation>
    </message>
    <message>
        <source>Only from your own network. For friends elsewhere enter the address of your router, or a name that leads to it.</source>
        <translation>Nur aus deinem eigenen Netz. Für Freunde anderswo gib die Adresse deines Routers ein oder einen Namen, der zu ihm führt.</translation>
    </message>
    <message>
        <source>No request has come from another computer since the start. That may mean that nobody has tried.</source>
        <translation>Seit dem Start kam keine Anfrage von einem anderen Computer. Das kann heißen, dass es niemand versucht hat.</translation>
    </message>
    <message>
        <source>Last request from another computer: %1</source>
        <translation>Letzte Anfrage von einem anderen Computer: %1</translation>
    </message>
</context>
<context>
    <name>restante::ui::PurposePage</name>
    <message>
        <source>Hold mail for friends</source>
        <translation>Post für Freunde aufbewahren</translation>
    </message>
    <message>
        <source>This computer is on most of the time. It keeps messages for friends’ servers while they are off and hands them over when they return.</source>
        <translation>Dieser Computer ist meistens an. Er bewahrt Nachrichten für die Server von Freunden auf, solange sie aus sind, und gibt sie ihnen, wenn sie wiederkommen.</translation>
    </message>
    <message>
        <source>Collect my mail</source>
        <translation>Meine Post abholen</translation>
    </message>
    <message>
        <source>A homeserver runs here, and it is off now and then. Restante fetches what others kept for it and delivers it.</source>
        <translation>Hier läuft ein Homeserver, der ab und zu aus ist. Restante holt ab, was andere für ihn aufbewahrt haben, und stellt es ihm zu.</translation>
    </message>
    <message>
        <source>Both</source>
        <translation>Beides</translation>
    </message>
    <message>
        <source>A homeserver runs here, and friends may leave mail here as well.</source>
        <translation>Hier läuft ein Homeserver, und auch für Freunde wird hier Post aufbewahrt.</translation>
    </message>
    <message>
        <source>Welcome to Restante</source>
        <translation>Willkommen bei Restante</translation>
    </message>
    <message>
        <source>A post office for Matrix servers that are not always online. What shall this computer do?</source>
        <translation>Ein Postamt für Matrix-Server, die nicht immer online sind. Was soll dieser Computer tun?</translation>
    </message>
</context>
<context>
    <name>restante::ui::QueuesPage</name>
    <message>
        <source>Queues</source>
        <translation>Postfächer</translation>
    </message>
    <message>
        <source>Discard held mail</source>
        <translation>Aufbewahrte Post löschen</translation>
    </message>
    <message numerus="yes">
        <source>Discard %Ln selected piece(s) of mail held for %1? They cannot be collected any more.</source>
        <translation>
            <numerusform>%Ln gewählte Sendung löschen, die für %1 aufbewahrt wird? Sie kann dann nicht mehr abgeholt werden.</numerusform>
            <numerusform>%Ln gewählte Sendungen löschen, die für %1 aufbewahrt werden? Sie können dann nicht mehr abgeholt werden.</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Discard</source>
        <translation>&amp;Löschen</translation>
    </message>
    <message numerus="yes">
        <source>Discard %Ln piece(s) of mail held for %1? They cannot be collected any more.</source>
        <translation>
            <numerusform>%Ln Sendung löschen, die für %1 aufbewahrt wird? Sie kann dann nicht mehr abgeholt werden.</numerusform>
            <numerusform>%Ln Sendungen löschen, die für %1 aufbewahrt werden? Sie können dann nicht mehr abgeholt werden.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail discarded.</source>
        <translation>
            <numerusform>%Ln Sendung gelöscht.</numerusform>
            <numerusform>%Ln Sendungen gelöscht.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail written to %1.</source>
        <translation>
            <numerusform>%Ln Sendung nach %1 geschrieben.</numerusform>
            <numerusform>%Ln Sendungen nach %1 geschrieben.</numerusform>
        </translation>
    </message>
    <message>
        <source>E&amp;xport all…</source>
        <translation>Alle e&amp;xportieren …</translation>
    </message>
    <message>
        <source>Disc&amp;ard all…</source>
        <translation>&amp;Alle löschen …</translation>
    </message>
    <message>
        <source>Queues by owner</source>
        <translation>Postfächer nach Empfänger</translation>
    </message>
    <message>
        <source>&amp;Copy server name</source>
        <translation>Servernamen &amp;kopieren</translation>
    </message>
    <message>
        <source>Export all that is held for the selected owner (%1)</source>
        <translation>Alles exportieren, was für den gewählten Empfänger aufbewahrt wird (%1)</translation>
    </message>
    <message>
        <source>Filter the queues</source>
        <translation>Postfächer filtern</translation>
    </message>
    <message>
        <source>name, server or user</source>
        <translation>Name, Server oder Benutzer</translation>
    </message>
    <message numerus="yes">
        <source>%Ln owner(s)</source>
        <translation>
            <numerusform>%Ln Empfänger</numerusform>
            <numerusform>%Ln Empfänger</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln owner(s)</source>
        <translation>
            <numerusform>%1 von %Ln Empfänger</numerusform>
            <numerusform>%1 von %Ln Empfängern</numerusform>
        </translation>
    </message>
    <message>
        <source>Relaying is switched off, so nothing is taken in and nothing is handed out.</source>
        <translation>Die Aufbewahrung ist ausgeschaltet: Es wird nichts angenommen und nichts ausgehändigt.</translation>
    </message>
    <message>
        <source>S&amp;witch relaying on…</source>
        <translation>Aufbe&amp;wahrung einschalten …</translation>
    </message>
    <message>
        <source>Nothing is held. Mail that anybody leaves here for a server that is offline appears on this page until its owner collects it.</source>
        <translation>Es wird nichts aufbewahrt. Post, die jemand hier für einen nicht erreichbaren Server hinterlegt, erscheint auf dieser Seite, bis ihr Empfänger sie abholt.</translation>
    </message>
    <message>
        <source>Add a fri&amp;end…</source>
        <translation>Freund hin&amp;zufügen …</translation>
    </message>
    <message>
        <source>Nobody is served yet. Add a friend: while their server is offline, mail for them is held here until they collect it.</source>
        <translation>Noch wird für niemanden Post aufbewahrt. Füge einen Freund hinzu: Solange sein Server nicht erreichbar ist, wird Post für ihn hier aufbewahrt, bis er sie abholt.</translation>
    </message>
    <message>
        <source>Entries of the selected owner</source>
        <translation>Einträge des gewählten Empfängers</translation>
    </message>
    <message>
        <source>Held for %1: %2</source>
        <translation>Aufbewahrt für %1: %2</translation>
    </message>
    <message>
        <source>other users of %1</source>
        <extracomment>Mail for one user (%1) of a friend&apos;s server (%2); then for the rest of its users</extracomment>
        <translation>andere Benutzer von %1</translation>
    </message>
    <message>
        <source>@%1 of %2</source>
        <translation>@%1 von %2</translation>
    </message>
    <message>
        <source>Failed in&amp;vites (%1)…</source>
        <translation>Gescheiterte Einla&amp;dungen (%1) …</translation>
    </message>
    <message>
        <source>&amp;My relay card…</source>
        <translation>&amp;Meine Relay-Karte …</translation>
    </message>
    <message>
        <source>A link and a QR code with which friends add this relay</source>
        <translation>Ein Link und ein QR-Code, mit denen Freunde dieses Relay hinzufügen</translation>
    </message>
</context>
<context>
    <name>restante::ui::ReachPage</name>
    <message>
        <source>Public &amp;address:</source>
        <translation>Öffentliche &amp;Adresse:</translation>
    </message>
    <message>
        <source>&amp;Port:</source>
        <translation>&amp;Port:</translation>
    </message>
    <message>
        <source>The relay cannot listen there. Choose another port, or end the program that uses this one.</source>
        <translation>Das Relay kann dort nicht lauschen. Wähle einen anderen Port oder beende das Programm, das diesen benutzt.</translation>
    </message>
    <message>
        <source>How it is reached</source>
        <translation>Wie er zu erreichen ist</translation>
    </message>
    <message>
        <source>Friends’ servers leave and collect mail at this address. Everything is encrypted; this computer makes itself a certificate.</source>
        <translation>Unter dieser Adresse geben die Server von Freunden Post ab und holen sie ab. Alles ist verschlüsselt; dieser Computer macht sich selbst ein Zertifikat.</translation>
    </message>
</context>
<context>
    <name>restante::ui::RelayDialog</name>
    <message>
        <source>t&amp;his server</source>
        <translation>&amp;diesen Server</translation>
    </message>
    <message>
        <source>an&amp;other server:</source>
        <translation>einen anderen Ser&amp;ver:</translation>
    </message>
    <message>
        <source>This &amp;network is encrypted already (VPN, Yggdrasil), so that http:// will do</source>
        <translation>Dieses &amp;Netz ist bereits verschlüsselt (VPN, Yggdrasil), http:// genügt</translation>
    </message>
    <message>
        <source>&amp;Test</source>
        <translation>Prü&amp;fen</translation>
    </message>
    <message>
        <source>Add a relay</source>
        <translation>Relay hinzufügen</translation>
    </message>
    <message>
        <source>Edit a relay</source>
        <translation>Relay bearbeiten</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>found by the server name, if it is a domain</source>
        <translation>wird über den Servernamen gefunden, wenn er eine Domain ist</translation>
    </message>
    <message>
        <source>Where the relay is, such as https://relay.example.org:8448</source>
        <translation>Wo das Relay ist, etwa https://relay.example.org:8448</translation>
    </message>
    <message>
        <source>your own name for this relay, kept on this computer</source>
        <translation>eigener Name für dieses Relay, bleibt auf diesem Computer</translation>
    </message>
    <message>
        <source>&amp;Relay&apos;s server name:</source>
        <translation>&amp;Servername des Relays:</translation>
    </message>
    <message>
        <source>&amp;Address:</source>
        <translation>&amp;Adresse:</translation>
    </message>
    <message>
        <source>Holds mail for:</source>
        <translation>Bewahrt Post auf für:</translation>
    </message>
    <message>
        <source>&amp;Petname:</source>
        <translation>&amp;Eigener Name:</translation>
    </message>
    <message>
        <source>Server that the relay holds mail for</source>
        <translation>Server, für den das Relay Post aufbewahrt</translation>
    </message>
    <message>
        <source>ordinary certificate check</source>
        <translation>gewöhnliche Zertifikatsprüfung</translation>
    </message>
    <message>
        <source>SHA-256 of the public key of the relay&apos;s certificate, for one that no authority signed</source>
        <translation>SHA-256 des öffentlichen Schlüssels im Zertifikat des Relays, falls keine Stelle es beglaubigt hat</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>Certificate p&amp;in:</source>
        <translation>Zertifikats-&amp;Pin:</translation>
    </message>
    <message>
        <source>Enter the server whose mail the relay holds.</source>
        <translation>Bitte den Server angeben, dessen Post das Relay aufbewahrt.</translation>
    </message>
    <message>
        <source>This relay is in the list already.</source>
        <translation>Dieses Relay steht schon in der Liste.</translation>
    </message>
    <message>
        <source>Asking the relay…</source>
        <translation>Das Relay wird gefragt …</translation>
    </message>
    <message>
        <source>Enter a server name, such as relay.example.org.</source>
        <translation>Bitte einen Servernamen wie relay.example.org angeben.</translation>
    </message>
</context>
<context>
    <name>restante::ui::RelayModel</name>
    <message>
        <source>%1 (%2)</source>
        <extracomment>A relay&apos;s petname, then its server name</extracomment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>this server</source>
        <translation>diesen Server</translation>
    </message>
    <message>
        <source>Next attempt: %1</source>
        <translation>Nächster Versuch: %1</translation>
    </message>
    <message>
        <source>Mail collected since the start</source>
        <translation>Seit dem Start abgeholte Post</translation>
    </message>
    <message>
        <source>Mail left there since the start</source>
        <translation>Seit dem Start dort hinterlegte Post</translation>
    </message>
    <message>
        <source>My relays</source>
        <translation>Eigene Relays</translation>
    </message>
    <message>
        <source>For my contacts</source>
        <translation>Für Kontakte</translation>
    </message>
    <message>
        <source>Relay</source>
        <translation>Relay</translation>
    </message>
    <message>
        <source>Holds mail for</source>
        <translation>Bewahrt auf für</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Last contact</source>
        <translation>Letzter Kontakt</translation>
    </message>
    <message>
        <source>Mail</source>
        <translation>Post</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message numerus="yes">
        <source>%Ln piece(s) of mail expired there before they were collected.</source>
        <translation>
            <numerusform>%Ln Sendung ist dort verfallen, bevor sie abgeholt wurde.</numerusform>
            <numerusform>%Ln Sendungen sind dort verfallen, bevor sie abgeholt wurden.</numerusform>
        </translation>
    </message>
    <message>
        <source>It answers, but does not say whether it takes in mail for this server.</source>
        <translation>Es antwortet, sagt aber nicht, ob es Post für diesen Server annimmt.</translation>
    </message>
    <message>
        <source>Mail that it dated differently from another relay: %1</source>
        <translation>Post, die es anders datierte als ein anderes Relay: %1</translation>
    </message>
    <message>
        <source>Tested: %1</source>
        <translation>Geprüft: %1</translation>
    </message>
    <message>
        <source>It answers, but does not say whether it takes mail from this server for them.</source>
        <translation>Es antwortet, sagt aber nicht, ob es von diesem Server Post für den Kontakt annimmt.</translation>
    </message>
    <message>
        <source>not since the start</source>
        <extracomment>Of a relay: it was not reached; what was before the program started is not remembered</extracomment>
        <translation>nicht seit dem Start</translation>
    </message>
    <message>
        <source>What happened before Restante was started is not remembered.</source>
        <translation>Was vor dem Start von Restante geschah, ist nicht bekannt.</translation>
    </message>
</context>
<context>
    <name>restante::ui::RelayingSettings</name>
    <message>
        <source>Relaying</source>
        <translation>Aufbewahrung</translation>
    </message>
    <message>
        <source>&amp;Hold mail for others</source>
        <translation>Post für andere a&amp;ufbewahren</translation>
    </message>
    <message>
        <source>Accept mail for an&amp;yone (open relay)</source>
        <translation>Post für &amp;jeden annehmen (offenes Relay)</translation>
    </message>
    <message>
        <source>Careful: strangers can then leave mail for strangers here, and fill the disk up to the limits. Friends listed below keep the room that is theirs.</source>
        <translation>Vorsicht: Fremde können dann hier Post für Fremde hinterlegen und den Datenträger bis zu den Grenzen füllen. Die unten genannten Freunde behalten ihren Platz.</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Hinzufügen …</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>B&amp;earbeiten …</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>Entfe&amp;rnen</translation>
    </message>
    <message>
        <source>Blocked senders</source>
        <translation>Gesperrte Absender</translation>
    </message>
    <message>
        <source>Refuse mail from these &amp;servers:</source>
        <translation>Post von diesen &amp;Servern ablehnen:</translation>
    </message>
    <message>
        <source>Friends whose mail is held</source>
        <translation>Freunde, deren Post aufbewahrt wird</translation>
    </message>
    <message>
        <source>Petname</source>
        <translation>Eigener Name</translation>
    </message>
    <message>
        <source>Server name</source>
        <translation>Servername</translation>
    </message>
    <message>
        <source>Known senders</source>
        <translation>Bekannte Absender</translation>
    </message>
    <message>
        <source>Friends</source>
        <translation>Freunde</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>Grenzen</translation>
    </message>
    <message>
        <source>Pieces of mail for one &amp;friend:</source>
        <translation>Sendungen für einen &amp;Freund:</translation>
    </message>
    <message>
        <source>Si&amp;ze for one friend:</source>
        <translation>&amp;Größe für einen Freund:</translation>
    </message>
    <message>
        <source>Pieces of mail from &amp;one sender to one friend:</source>
        <translation>Sendungen von einem &amp;Absender an einen Freund:</translation>
    </message>
    <message>
        <source>Size from one sender &amp;to one friend:</source>
        <translation>Größe von einem A&amp;bsender an einen Freund:</translation>
    </message>
    <message>
        <source>&amp;Discard what nobody collected, days:</source>
        <extracomment>Followed by a number of days</extracomment>
        <translation>Nicht Abgeholtes löschen nach (&amp;Tage):</translation>
    </message>
    <message>
        <source>One sender cannot have more room than the friend has.</source>
        <translation>Ein Absender kann nicht mehr Platz haben als der Freund selbst.</translation>
    </message>
    <message>
        <source>Remove a friend</source>
        <translation>Freund entfernen</translation>
    </message>
    <message>
        <source>Hold no more mail for %1? What is held stays for them to collect until it is too old, and your name for them is forgotten.</source>
        <translation>Für %1 keine Post mehr aufbewahren? Was schon da ist, kann noch abgeholt werden, bis es zu alt ist; der eigene Name dafür geht verloren.</translation>
    </message>
    <message>
        <source>Sending for others</source>
        <translation>Für andere senden</translation>
    </message>
    <message>
        <source>Take in mail from these ser&amp;vers for anyone, and send it on when the receiver is back:</source>
        <translation>Post von diesen Servern für beliebige Empfänger a&amp;nnehmen und senden, sobald der Empfänger wieder da ist:</translation>
    </message>
</context>
<context>
    <name>restante::ui::RelaysPage</name>
    <message>
        <source>Remove the relay %1? Mail that it still holds for this server will not be collected any more.</source>
        <translation>Das Relay %1 entfernen? Post, die es noch für diesen Server aufbewahrt, wird dann nicht mehr abgeholt.</translation>
    </message>
    <message>
        <source>Remove the relay %1 of %2? Mail for %2 will not be left there any more while they are offline.</source>
        <translation>Das Relay %1 von %2 entfernen? Post für %2 wird dann dort nicht mehr hinterlegt, solange der Server offline ist.</translation>
    </message>
    <message>
        <source>Remove a relay</source>
        <translation>Relay entfernen</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>Ent&amp;fernen</translation>
    </message>
    <message>
        <source>Asking %1…</source>
        <translation>%1 wird gefragt …</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <extracomment>The name of a relay, and a sentence that says how it is doing</extracomment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>Hin&amp;zufügen …</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>Bea&amp;rbeiten …</translation>
    </message>
    <message>
        <source>Re&amp;move…</source>
        <translation>En&amp;tfernen …</translation>
    </message>
    <message>
        <source>Test &amp;connection</source>
        <translation>Verbindun&amp;g prüfen</translation>
    </message>
    <message>
        <source>Retrie&amp;ve now</source>
        <translation>&amp;Jetzt abholen</translation>
    </message>
    <message>
        <source>Retrieve &amp;from selected</source>
        <translation>Vom ausge&amp;wählten abholen</translation>
    </message>
    <message>
        <source>Copy server name</source>
        <translation>Servernamen kopieren</translation>
    </message>
    <message>
        <source>Relays and how they are doing</source>
        <translation>Relays und ihr Zustand</translation>
    </message>
    <message>
        <source>Collect what all my relays hold for this server</source>
        <translation>Abholen, was alle eigenen Relays für diesen Server aufbewahren</translation>
    </message>
    <message>
        <source>Collect what the selected relay holds for this server</source>
        <translation>Abholen, was das gewählte Relay für diesen Server aufbewahrt</translation>
    </message>
    <message>
        <source>Ask the selected relay whether it works, without collecting anything</source>
        <translation>Das gewählte Relay fragen, ob es funktioniert, ohne etwas abzuholen</translation>
    </message>
    <message>
        <source>No relay is known yet. Relays hold mail for this server while it is offline, and for its contacts while they are. Add one that a friend runs.</source>
        <translation>Noch ist kein Relay bekannt. Relays bewahren Post für diesen Server auf, solange er offline ist, und für seine Kontakte, solange sie es sind. Der erste Schritt: ein Relay hinzufügen, das ein Freund betreibt.</translation>
    </message>
    <message>
        <source>&amp;Add a relay…</source>
        <translation>&amp;Relay hinzufügen …</translation>
    </message>
    <message>
        <source>Restante can also work beside a homeserver of yours: it collects the mail that relays hold for it, and leaves mail with the relays of contacts who are offline. This is switched off.</source>
        <translation>Restante kann auch neben einem eigenen Homeserver arbeiten: Es holt die Post ab, die Relays für ihn aufbewahren, und hinterlegt Post bei den Relays von Kontakten, die offline sind. Das ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>S&amp;witch it on…</source>
        <translation>E&amp;inschalten …</translation>
    </message>
    <message>
        <source>Relays</source>
        <translation>Relays</translation>
    </message>
</context>
<context>
    <name>restante::ui::ServedDialog</name>
    <message>
        <source>Add a friend</source>
        <translation>Freund hinzufügen</translation>
    </message>
    <message>
        <source>Edit a friend</source>
        <translation>Freund bearbeiten</translation>
    </message>
    <message>
        <source>your own name for this friend, kept on this computer</source>
        <translation>dein eigener Name für diesen Freund, bleibt auf diesem Computer</translation>
    </message>
    <message>
        <source>&amp;Server name:</source>
        <translation>&amp;Servername:</translation>
    </message>
    <message>
        <source>&amp;Petname:</source>
        <translation>&amp;Eigener Name:</translation>
    </message>
    <message>
        <source>&amp;Known senders:</source>
        <translation>Be&amp;kannte Absender:</translation>
    </message>
    <message>
        <source>Half of the room for this friend is kept for known senders, so that strangers cannot fill it.</source>
        <translation>Die Hälfte des Platzes für diesen Freund bleibt bekannten Absendern vorbehalten, damit Fremde ihn nicht füllen können.</translation>
    </message>
    <message>
        <source>This server is served already.</source>
        <translation>Für diesen Server wird schon Post aufbewahrt.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Front door:</source>
        <translation>&amp;Haustür:</translation>
    </message>
    <message>
        <source>none: mail comes only from those who know this relay</source>
        <translation>keine: Post kommt nur von denen, die dieses Relay kennen</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>D&amp;urchsuchen …</translation>
    </message>
    <message>
        <source>B&amp;rowse…</source>
        <translation>Du&amp;rchsuchen …</translation>
    </message>
    <message>
        <source>A host and port that lead to this relay and are this friend&apos;s alone, such as anna.relay.example:8449. The relay&apos;s certificate, or the one below, has to be good for it.</source>
        <translation>Ein Host und Port, die zu diesem Relay führen und nur diesem Freund gehören, etwa anna.relay.example:8449. Das Zertifikat des Relays oder das unten muss dafür gelten.</translation>
    </message>
    <message>
        <source>Its c&amp;ertificate:</source>
        <translation>Ihr &amp;Zertifikat:</translation>
    </message>
    <message>
        <source>Its pri&amp;vate key:</source>
        <translation>Ihr &amp;privater Schlüssel:</translation>
    </message>
</context>
<context>
    <name>restante::ui::SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Settings pages</source>
        <translation>Seiten der Einstellungen</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <extracomment>The settings page on which something is wrong, and what it is</extracomment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>restante::ui::Sidebar</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Restante</source>
        <translation>Restante</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <extracomment>Read aloud: a page&apos;s name in the list and a number</extracomment>
        <translation>%1 (%2)</translation>
    </message>
</context>
<context>
    <name>restante::ui::SizeField</name>
    <message>
        <source> MiB</source>
        <extracomment>Binary megabytes behind a number, with the space before it</extracomment>
        <translation> MiB</translation>
    </message>
</context>
<context>
    <name>restante::ui::StartSettings</name>
    <message>
        <source>At login</source>
        <translation>Beim Anmelden</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Setting up</source>
        <translation>Einrichten</translation>
    </message>
    <message>
        <source>What this computer does, how it is reached and for whom, step by step. Nothing that is held, and no identity, is lost by it.</source>
        <translation>Was dieser Computer tut, wie er zu erreichen ist und für wen, Schritt für Schritt. Dabei geht nichts verloren, was aufbewahrt wird, und keine Identität.</translation>
    </message>
    <message>
        <source>Set &amp;up again…</source>
        <translation>Neu ein&amp;richten …</translation>
    </message>
</context>
<context>
    <name>restante::ui::StatusLine</name>
    <message>
        <source>Copy the server name</source>
        <translation>Servernamen kopieren</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>Adresse kopieren</translation>
    </message>
    <message>
        <source>open to everyone</source>
        <translation>offen für alle</translation>
    </message>
    <message>
        <source>%1 held (%2)</source>
        <extracomment>A number of pieces of mail and their size</extracomment>
        <translation>%1 aufbewahrt (%2)</translation>
    </message>
    <message>
        <source>no contact since the start</source>
        <translation>kein Kontakt seit dem Start</translation>
    </message>
    <message>
        <source>last contact %1</source>
        <translation>letzter Kontakt %1</translation>
    </message>
    <message>
        <source>Last contact: %1</source>
        <translation>Letzter Kontakt: %1</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>An&amp;halten</translation>
    </message>
    <message>
        <source>Take in mail again</source>
        <translation>Wieder Post annehmen</translation>
    </message>
    <message>
        <source>Take in no more mail for now; friends can still collect what is held</source>
        <translation>Vorerst keine Post mehr annehmen; Freunde können Aufbewahrtes weiterhin abholen</translation>
    </message>
    <message>
        <source>Server name: %1</source>
        <translation>Servername: %1</translation>
    </message>
    <message>
        <source>Address: %1</source>
        <translation>Adresse: %1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln in the inbox</source>
        <translation>
            <numerusform>%Ln im Eingang</numerusform>
            <numerusform>%Ln im Eingang</numerusform>
        </translation>
    </message>
    <message>
        <source>For the homeserver: %1</source>
        <translation>Für den Homeserver: %1</translation>
    </message>
    <message>
        <source>%1 full</source>
        <extracomment>A share in percent of what may be held in all</extracomment>
        <translation>%1 voll</translation>
    </message>
    <message>
        <source>Add a fr&amp;iend…</source>
        <translation>Freund h&amp;inzufügen …</translation>
    </message>
    <message>
        <source>Nobody can leave or collect mail here</source>
        <translation>Niemand kann hier Post hinterlassen oder abholen</translation>
    </message>
    <message>
        <source>Something needs your attention</source>
        <translation>Etwas braucht deine Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Holding mail for others is switched off</source>
        <translation>Das Aufbewahren von Post für andere ist abgeschaltet</translation>
    </message>
    <message>
        <source>Paused: no more mail is taken in</source>
        <translation>Angehalten: Es wird keine Post mehr angenommen</translation>
    </message>
    <message numerus="yes">
        <source>Holding mail for %Ln friend(s)</source>
        <translation>
            <numerusform>Bewahrt Post für %Ln Freund auf</numerusform>
            <numerusform>Bewahrt Post für %Ln Freunde auf</numerusform>
        </translation>
    </message>
    <message>
        <source>Holding mail for everyone</source>
        <translation>Bewahrt Post für alle auf</translation>
    </message>
    <message>
        <source>Ready to hold mail for your friends</source>
        <translation>Bereit, Post für deine Freunde aufzubewahren</translation>
    </message>
    <message numerus="yes">
        <source>Collecting mail from %Ln relay(s)</source>
        <translation>
            <numerusform>Holt Post von %Ln Relay ab</numerusform>
            <numerusform>Holt Post von %Ln Relays ab</numerusform>
        </translation>
    </message>
    <message>
        <source>Ready to collect mail from your relays</source>
        <translation>Bereit, Post von deinen Relays abzuholen</translation>
    </message>
    <message numerus="yes">
        <source>%Ln server(s) offline</source>
        <translation>
            <numerusform>%Ln Server offline</numerusform>
            <numerusform>%Ln Server offline</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::StorageSettings</name>
    <message>
        <source>Storage</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>O&amp;verwrite what is deleted (slower)</source>
        <translation>Gelöschtes über&amp;schreiben (langsamer)</translation>
    </message>
    <message>
        <source>When the disk has less free space than this, no more mail is taken in</source>
        <translation>Hat der Datenträger weniger freien Platz als hier angegeben, wird keine Post mehr angenommen</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>Grenzen</translation>
    </message>
    <message>
        <source>Pieces of mail in &amp;all:</source>
        <translation>Sendungen ins&amp;gesamt:</translation>
    </message>
    <message>
        <source>Si&amp;ze in all:</source>
        <translation>Größ&amp;e insgesamt:</translation>
    </message>
    <message>
        <source>Keep &amp;free on the disk:</source>
        <translation>Auf dem Datenträger &amp;frei lassen:</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>O&amp;pen folder</source>
        <translation>Ordner öff&amp;nen</translation>
    </message>
    <message>
        <source>&amp;Data folder:</source>
        <translation>&amp;Datenordner:</translation>
    </message>
    <message>
        <source>At least 1 MiB is needed.</source>
        <translation>Mindestens 1 MiB ist nötig.</translation>
    </message>
    <message>
        <source>Keep at least %1 free, or a full disk stops other programs too.</source>
        <translation>Lass mindestens %1 frei, sonst legt ein voller Datenträger auch andere Programme lahm.</translation>
    </message>
</context>
<context>
    <name>restante::ui::SweepBar</name>
    <message>
        <source>Cance&amp;l</source>
        <translation>Abbre&amp;chen</translation>
    </message>
    <message>
        <source>Relays that are done</source>
        <translation>Fertige Relays</translation>
    </message>
    <message>
        <source>Last retrieved %1. %2</source>
        <extracomment>A relative time such as &quot;5 min ago&quot;, then what came of it</extracomment>
        <translation>Zuletzt abgeholt: %1. %2</translation>
    </message>
    <message numerus="yes">
        <source>And %Ln more.</source>
        <extracomment>Under a list of relays that failed</extracomment>
        <translation>
            <numerusform>Und %Ln weiteres.</numerusform>
            <numerusform>Und %Ln weitere.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>restante::ui::Tile</name>
    <message>
        <source>%1: %2, %3</source>
        <extracomment>Read aloud: what it is, how many, and a word about it</extracomment>
        <translation>%1: %2, %3</translation>
    </message>
</context>
<context>
    <name>restante::ui::TrafficChart</name>
    <message>
        <source>Chart of the mail that came and went</source>
        <translation>Diagramm der Post, die kam und ging</translation>
    </message>
    <message>
        <source>taken in</source>
        <translation>angenommen</translation>
    </message>
    <message>
        <source>collected</source>
        <translation>abgeholt</translation>
    </message>
    <message>
        <source>handed over</source>
        <translation>übergeben</translation>
    </message>
    <message>
        <source>delivered</source>
        <translation>zugestellt</translation>
    </message>
    <message>
        <source>%1 – %2</source>
        <extracomment>From one time of the day to another</extracomment>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>%1: %2 %3, %4 %5</source>
        <extracomment>A stretch of time, then a number and a word for each bar: &quot;14:00 – 15:00: 12 taken in, 4 handed over&quot;</extracomment>
        <translation>%1: %2 %3, %4 %5</translation>
    </message>
    <message>
        <source>No mail came or went in the last hour.</source>
        <translation>In der letzten Stunde kam und ging keine Post.</translation>
    </message>
    <message>
        <source>No mail came or went in the last 24 hours.</source>
        <translation>In den letzten 24 Stunden kam und ging keine Post.</translation>
    </message>
    <message>
        <source>No mail came or went in the last 30 days.</source>
        <translation>In den letzten 30 Tagen kam und ging keine Post.</translation>
    </message>
    <message>
        <source>%1 %2, %3 %4 in all. Most of it: %5</source>
        <extracomment>All of the chart: a number and a word for each colour; then the figures of its busiest stretch</extracomment>
        <translation>Insgesamt %1 %2, %3 %4. Das meiste davon: %5</translation>
    </message>
    <message>
        <source>d MMM</source>
        <extracomment>Day and month on the axis of a chart, as QLocale::toString writes them: &quot;d MMM&quot; gives &quot;20 Sep&quot;</extracomment>
        <translation>d. MMM</translation>
    </message>
</context>
<context>
    <name>restante::ui::Tray</name>
    <message>
        <source>&amp;Open</source>
        <translation>Ö&amp;ffnen</translation>
    </message>
    <message>
        <source>Retrieve &amp;now</source>
        <translation>&amp;Jetzt abholen</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>&amp;Einstellungen …</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>Restante</source>
        <translation>Restante</translation>
    </message>
    <message>
        <source>Restante: %1</source>
        <extracomment>The tool tip of the tray icon; %1 is the state</extracomment>
        <translation>Restante: %1</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>F&amp;ortsetzen</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>Mail is refused: there is no room left for it</source>
        <translation>Post wird abgelehnt: Es ist kein Platz mehr für sie da</translation>
    </message>
    <message>
        <source>Relay &amp;card…</source>
        <translation>Relay-&amp;Karte …</translation>
    </message>
</context>
<context>
    <name>restante::ui::Wizard</name>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>N&amp;ot now</source>
        <translation>&amp;Nicht jetzt</translation>
    </message>
    <message>
        <source>Set up Restante</source>
        <translation>Restante einrichten</translation>
    </message>
    <message>
        <source>Step %1 of %2 · you can change all of this later</source>
        <translation>Schritt %1 von %2 · alles lässt sich später ändern</translation>
    </message>
</context>
<context>
    <name>restante::ui::WizardPage</name>
    <message>
        <source>&amp;Next</source>
        <translation>&amp;Weiter</translation>
    </message>
</context>
</TS>
