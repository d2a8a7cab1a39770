<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB">
<context>
    <name>sr::player::FilterPanel</name>
    <message numerus="yes">
        <source>%1 of %Ln recordings</source>
        <translation>
            <numerusform>%1 of %Ln recording</numerusform>
            <numerusform>%1 of %Ln recordings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sr::player::FlowText</name>
    <message numerus="yes">
        <source>answered after %n s</source>
        <translation>
            <numerusform>answered after %n s</numerusform>
            <numerusform>answered after %n s</numerusform>
        </translation>
    </message>
</context>
</TS>
