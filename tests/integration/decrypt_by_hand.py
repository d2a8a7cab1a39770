#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens a sealed file from its description in core/crypto/README.md alone.

usage: decrypt_by_hand.py SEALED SECRET_IN_HEX OUTPUT"""
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

SEGMENT, TAG = 65536, 16


def decrypt(sealed, archive_key):
    magic, wrapped, content = sealed[:8], sealed[24:64], sealed[64:65]
    if magic != b"SRSEAL1\n":
        raise ValueError("not a sealed file")
    uid = sealed[66 : 66 + sealed[65]]
    stream = sealed[66 + len(uid) :]
    if stream[0] != 40:
        raise ValueError("stream header")
    salt, prefix = stream[1:33], stream[33:40]
    data_key = aes_key_unwrap(archive_key, wrapped)
    stream_key = HKDF(SHA256(), 32, salt, magic + content + uid).derive(data_key)
    gcm = AESGCM(stream_key)
    count = (len(stream) + SEGMENT - 1) // SEGMENT
    for number in range(count):
        segment = stream[number * SEGMENT : (number + 1) * SEGMENT]
        nonce = prefix + struct.pack(">IB", number, number == count - 1)
        yield gcm.decrypt(nonce, segment[40:] if number == 0 else segment, None)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as source, open(sys.argv[3], "wb") as target:
        for clear in decrypt(source.read(), bytes.fromhex(sys.argv[2])):
            target.write(clear)
