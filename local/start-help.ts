/** The text of `npm start -- --help`. */
export const startHelp = `Usage: npm start -- [options]

Runs the whole stack on this machine, without AWS: its API, functions, tables and keys, and a playground for the browser. Ctrl-C
stops it and keeps what is stored.

Options, after "--":
  --fresh       delete what earlier runs stored
  --test-keys   name the key that signs tickets in instance.json, for tests that make tickets of their own
  --show        print the URLs and keys of the run that uses the directory, and end
  --help        print this text

Environment variables:
  PORT               the port of the API and the playground (default: 3000; 0: a free one)
  LOCAL_DIR          the directory for what is stored, which one run at a time uses (default: .local); its instance.json describes
                     the run to tests and tools
  APP_URL            the page of your app on which a person lands who has opened a link (default: none)
  ALLOWED_ORIGIN     the origin of your app, whose pages may call the Frontend API (default: that of
                     APP_URL, else http://127.0.0.1:5173)
  SIGN_IN_URL        the sign-in page of your app, to which links lead (default: the playground's, or none with APP_URL; none: links
                     sign in themselves)
  DYNAMODB_ENDPOINT  the URL of a DynamoDB engine to use (default: the embedded one, which there is for Linux on x64)
  NO_COLOR           any value: no colours

An actor-tokens.json in this directory is read too, except for hosts, people and tables, which are not on this machine, and for the
longest durations.

  APP_URL=http://127.0.0.1:8080/impersonate npm start -- --fresh
  ALLOWED_ORIGIN=http://127.0.0.1:8080 SIGN_IN_URL=http://127.0.0.1:8080/sign-in npm start -- --fresh`;
