package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"
	"regexp"
	"strings"

	common "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// encrypt makes the client encrypt, in the format of docs/other-languages.md, if
// TRUEDY_ENCRYPTION_KEYS is set. A program that uses no encryption needs nothing of this file.
func encrypt(options *client.Options) error {
	list := os.Getenv("TRUEDY_ENCRYPTION_KEYS")
	if list == "" {
		return nil
	}
	codec, err := newEncryptionCodec(list)
	if err != nil {
		return err
	}
	options.DataConverter = converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)
	// Messages and stack traces of failures are encrypted too, as those of the Truedy workers.
	options.FailureConverter = temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter:          options.DataConverter,
		EncodeCommonAttributes: true,
	})
	return nil
}

const (
	encoding   = "binary/encrypted"
	cipherName = "AES-GCM"
	// Of nonce and tag. No key could decrypt shorter data.
	minBytes = 12 + 16
)

var entry = regexp.MustCompile(`^([\w.-]{1,64}):([A-Za-z0-9+/]{43}=)$`)

// encryptionCodec is AES-256-GCM: 12 bytes of nonce, the ciphertext of the serialized payload,
// 16 bytes of tag. The first key of the list encrypts; all of them decrypt.
type encryptionCodec struct {
	writer string
	keys   map[string]cipher.AEAD
}

func newEncryptionCodec(list string) (*encryptionCodec, error) {
	codec := &encryptionCodec{keys: map[string]cipher.AEAD{}}
	for _, text := range strings.Split(list, ",") {
		parts := entry.FindStringSubmatch(strings.TrimSpace(text))
		if parts == nil {
			return nil, errors.New("TRUEDY_ENCRYPTION_KEYS contains an entry other than id:base64 of 32 bytes")
		}
		key, err := base64.StdEncoding.DecodeString(parts[2])
		if err != nil {
			return nil, errors.New("TRUEDY_ENCRYPTION_KEYS contains a key that is not base64")
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		if codec.keys[parts[1]], err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
		if codec.writer == "" {
			codec.writer = parts[1]
		}
	}
	return codec, nil
}

func (c *encryptionCodec) Encode(payloads []*common.Payload) ([]*common.Payload, error) {
	key := c.keys[c.writer]
	encoded := make([]*common.Payload, len(payloads))
	for i, payload := range payloads {
		plain, err := proto.Marshal(payload)
		if err != nil {
			return nil, err
		}
		nonce := make([]byte, key.NonceSize())
		if _, err := rand.Read(nonce); err != nil {
			return nil, err
		}
		encoded[i] = &common.Payload{
			Metadata: map[string][]byte{
				"encoding":          []byte(encoding),
				"encryption-cipher": []byte(cipherName),
				"encryption-key-id": []byte(c.writer),
			},
			Data: key.Seal(nonce, nonce, plain, nil),
		}
	}
	return encoded, nil
}

func (c *encryptionCodec) Decode(payloads []*common.Payload) ([]*common.Payload, error) {
	decoded := make([]*common.Payload, len(payloads))
	for i, payload := range payloads {
		isEncrypted := string(payload.GetMetadata()["encoding"]) == encoding
		if !isEncrypted || len(payload.GetData()) < minBytes {
			decoded[i] = payload
			continue
		}
		id := string(payload.GetMetadata()["encryption-key-id"])
		key, isKnown := c.keys[id]
		if !isKnown {
			return nil, unknownKey(id)
		}
		nonce, sealed := payload.GetData()[:key.NonceSize()], payload.GetData()[key.NonceSize():]
		plain, err := key.Open(nil, nonce, sealed, nil)
		if err != nil {
			return nil, unknownKey(id)
		}
		decoded[i] = &common.Payload{}
		if err := proto.Unmarshal(plain, decoded[i]); err != nil {
			return nil, err
		}
	}
	return decoded, nil
}

// unknownKey names the key in its type, because messages of failures are encrypted too.
func unknownKey(id string) error {
	message := "A payload cannot be decrypted: key " + id + " is missing here, or has other bytes"
	return temporal.NewApplicationError(message, "UnknownEncryptionKey:"+id)
}
