-- A database of schema version 1, as its program left it.
PRAGMA application_id = 1130914164;
PRAGMA user_version = 1;
CREATE TABLE account (
        username TEXT PRIMARY KEY NOT NULL,
        sha1_salt BLOB NOT NULL, sha1_iterations INTEGER NOT NULL,
        sha1_stored_key BLOB NOT NULL, sha1_server_key BLOB NOT NULL,
        sha256_salt BLOB NOT NULL, sha256_iterations INTEGER NOT NULL,
        sha256_stored_key BLOB NOT NULL, sha256_server_key BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
CREATE TABLE secret (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO account VALUES ('alice',
    x'73616c7420666f72207368612d312e2e', 4096,
    x'c3ed1053617e6cffb2fc4735ebc06fecd70ae1e9',
    x'e0768d8ebecc4e8be25fe72829bda175eca5acc0',
    x'73616c7420666f72207368612d323536', 4096,
    x'631be061b4211b7a9f8ab55385c4322dbc6708e4797bac23054d6d1b657b6ae2',
    x'd34a016782f3bb7a87aa67320cd77a89eed2e3e73743ec18f8d06bdad2d4bca7'
);
INSERT INTO secret VALUES ('fake salts', CAST('the secret of the version 1 data' AS BLOB));
