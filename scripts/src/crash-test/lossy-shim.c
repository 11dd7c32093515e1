// What a power cut would leave of every SQLite file that a process writes: preloaded (LD_PRELOAD) into a server by lossy-shim.ts.
// kill -9 alone cannot show a missing fsync, because the page cache outlives the process. So this library notes, in a side file that
// outlives it too, how far each `*.sqlite-wal` was written and how far it was surely synced; after the kill the tool cuts the WAL back.
// It passes every call on unchanged, and ends the process aloud where it would have to guess.
//
// Modelled: a WAL is a sequence of generations. A generation starts when the header at offset 0 is written: SQLite starts the file
// over without truncating it, once every frame is in the database. From then on only what was written since, and synced since, is
// trusted: the extent is 0 until the first fsync or fdatasync that began after the write and returned 0, and grows with each such
// sync to what had been written when it began. A write below the synced extent (frames of a rolled-back transaction written over)
// takes the extent back to where it starts, before the write: bytes that may have changed are not trusted until the next sync.
// A header that was never synced leaves 0 bytes. That loses nothing if the database was synced before the WAL started over, which
// SQLite promises whenever it syncs at all: the old frames are in the database then, whether the old header or the new one is on disk.
//
// The database files themselves are left as the kill left them. SQLite syncs the WAL before it copies frames into the database, so
// an unsynced database page always has a synced frame in a WAL that is still replayed: losing such pages changes nothing that can be
// read. The one way to lose them for good is to start the WAL over, or to remove it, while the database has unsynced writes. That is
// counted (early_resets), and the tool reports any such count as a loss.
//
// Not modelled: a disk that reorders or tears writes below the synced extent or lies about syncs (frames carry checksums, and SQLite
// trusts a sync as we do), directory entries that were not synced, rollback journals, files that are no SQLite databases, and
// unsynced bytes that reach the disk by luck: every cut is the worst one.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define PATH_MAX_BYTES 464
#define RECORDS_MAX 64
#define FDS_MAX 65536

/* One per file, 512 bytes; lossy-shim.ts reads the same layout. Of a WAL: `written` and `synced` are the ends of extents in bytes.
   Of a database: they count its writes, and how many of them a sync has covered. */
struct record {
  char path[PATH_MAX_BYTES];
  uint64_t inode;
  uint64_t written;
  uint64_t synced;
  uint64_t early_resets;
  uint64_t generation;
  uint64_t syncs;
};

static struct record *records;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/* Index of the record + 1 by file descriptor, 0 = not tracked. */
static uint8_t record_of[FDS_MAX];

static void give_up(const char *why, const char *path) {
  fprintf(stderr, "lossy-shim: %s: %s\n", why, path);
  abort();
}

static void *next(const char *name) {
  void *symbol = dlsym(RTLD_NEXT, name);
  if (symbol == NULL) give_up("no such function in libc", name);
  return symbol;
}

/* The real function of this name, looked up once. */
#define REAL(result, name, ...) \
  static result (*real)(__VA_ARGS__); \
  if (real == NULL) real = (result(*)(__VA_ARGS__))next(#name)

static int ends_with(const char *text, const char *end) {
  size_t length = strlen(text), end_length = strlen(end);
  return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static int is_wal(const char *path) { return ends_with(path, ".sqlite-wal"); }

static int is_tracked_name(const char *path) { return is_wal(path) || ends_with(path, ".sqlite"); }

__attribute__((constructor)) static void open_side_file(void) {
  const char *path = getenv("LOSSY_SHIM_STATE");
  if (path == NULL) return;
  REAL(int, open, const char *, int, ...);
  int fd = real(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  size_t size = sizeof(struct record) * RECORDS_MAX;
  if (fd < 0 || ftruncate(fd, (off_t)size) != 0) give_up("cannot make the side file", path);
  void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) give_up("cannot map the side file", path);
  records = mapped;
  close(fd);
}

/* The record of a path, made when it is not there. A file of the same name with another inode is a new file. Call with the mutex. */
static int record_index(const char *path, const struct stat *file) {
  if (strlen(path) >= PATH_MAX_BYTES) give_up("path too long", path);
  for (int index = 0; index < RECORDS_MAX; index += 1) {
    struct record *record = &records[index];
    int is_new = record->path[0] == '\0';
    if (!is_new && strcmp(record->path, path) != 0) continue;
    if (is_new || record->inode != (uint64_t)file->st_ino) {
      /* What is in the file when we first see it was there before this process: it is on disk. */
      record->written = record->synced = is_wal(path) ? (uint64_t)file->st_size : 0;
      record->inode = (uint64_t)file->st_ino;
      record->generation += 1;
      strcpy(record->path, path);
    }
    return index;
  }
  give_up("too many files", path);
  return -1;
}

static void opened(int fd, const char *path) {
  if (fd < 0 || records == NULL || !is_tracked_name(path)) return;
  struct stat file;
  if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) return;
  if (path[0] != '/') give_up("a relative path", path);
  if (fd >= FDS_MAX) give_up("file descriptor too large", path);
  pthread_mutex_lock(&mutex);
  record_of[fd] = (uint8_t)(record_index(path, &file) + 1);
  pthread_mutex_unlock(&mutex);
}

static struct record *tracked(int fd) {
  return fd < 0 || fd >= FDS_MAX || record_of[fd] == 0 ? NULL : &records[record_of[fd] - 1];
}

/* The WAL is about to lose its frames: they must be in a database that was synced since. Call with the mutex. */
static void note_reset(struct record *wal) {
  wal->generation += 1;
  size_t database_length = strlen(wal->path) - strlen("-wal");
  for (int index = 0; index < RECORDS_MAX; index += 1) {
    const struct record *other = &records[index];
    if (strncmp(other->path, wal->path, database_length) != 0 || other->path[database_length] != '\0') continue;
    if (other->written > other->synced) wal->early_resets += 1;
  }
}

static void before_write(struct record *record, uint64_t offset) {
  if (!is_wal(record->path)) return;
  pthread_mutex_lock(&mutex);
  if (offset == 0) {
    note_reset(record);
    record->written = 0;
  }
  /* Written over: a sync that is on its way must not be credited with these bytes. */
  if (record->written > offset) record->generation += 1;
  if (record->synced > offset) record->synced = offset;
  pthread_mutex_unlock(&mutex);
}

static void after_write(struct record *record, uint64_t offset, ssize_t bytes) {
  if (bytes <= 0) return;
  pthread_mutex_lock(&mutex);
  if (!is_wal(record->path)) record->written += 1;
  else if (record->written < offset + (uint64_t)bytes) record->written = offset + (uint64_t)bytes;
  pthread_mutex_unlock(&mutex);
}

static void before_truncate(struct record *record, uint64_t length) {
  if (!is_wal(record->path)) return;
  pthread_mutex_lock(&mutex);
  if (length == 0) note_reset(record);
  record->generation += 1;
  if (record->synced > length) record->synced = length;
  if (record->written > length) record->written = length;
  pthread_mutex_unlock(&mutex);
}

static int synced_by(int (*real)(int), int fd) {
  struct record *record = tracked(fd);
  if (record == NULL) return real(fd);
  pthread_mutex_lock(&mutex);
  uint64_t written = record->written, generation = record->generation;
  pthread_mutex_unlock(&mutex);
  int result = real(fd);
  if (result != 0) return result;
  pthread_mutex_lock(&mutex);
  record->syncs += 1;
  if (record->generation == generation && record->synced < written) record->synced = written;
  pthread_mutex_unlock(&mutex);
  return result;
}

static void removed(const char *path) {
  if (records == NULL || !is_wal(path)) return;
  pthread_mutex_lock(&mutex);
  for (int index = 0; index < RECORDS_MAX; index += 1) {
    if (strcmp(records[index].path, path) != 0) continue;
    note_reset(&records[index]);
    records[index].written = records[index].synced = records[index].inode = 0;
  }
  pthread_mutex_unlock(&mutex);
}

static ssize_t write_at(ssize_t (*real)(int, const void *, size_t, off64_t), int fd, const void *data, size_t bytes, off64_t offset) {
  struct record *record = tracked(fd);
  if (record == NULL) return real(fd, data, bytes, offset);
  before_write(record, (uint64_t)offset);
  ssize_t done = real(fd, data, bytes, offset);
  after_write(record, (uint64_t)offset, done);
  return done;
}

#define MODE_AFTER(flags) \
  mode_t mode = 0; \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) { \
    va_list arguments; \
    va_start(arguments, flags); \
    mode = va_arg(arguments, mode_t); \
    va_end(arguments); \
  }

int open(const char *path, int flags, ...) {
  MODE_AFTER(flags)
  REAL(int, open, const char *, int, ...);
  int fd = real(path, flags, mode);
  opened(fd, path);
  return fd;
}

int open64(const char *path, int flags, ...) {
  MODE_AFTER(flags)
  REAL(int, open64, const char *, int, ...);
  int fd = real(path, flags, mode);
  opened(fd, path);
  return fd;
}

int openat(int folder, const char *path, int flags, ...) {
  MODE_AFTER(flags)
  REAL(int, openat, int, const char *, int, ...);
  int fd = real(folder, path, flags, mode);
  opened(fd, path);
  return fd;
}

int close(int fd) {
  REAL(int, close, int);
  if (fd >= 0 && fd < FDS_MAX) record_of[fd] = 0;
  return real(fd);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) {
  REAL(ssize_t, pwrite, int, const void *, size_t, off64_t);
  return write_at(real, fd, data, bytes, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
  REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
  return write_at(real, fd, data, bytes, offset);
}

ssize_t write(int fd, const void *data, size_t bytes) {
  REAL(ssize_t, write, int, const void *, size_t);
  struct record *record = tracked(fd);
  if (record == NULL) return real(fd, data, bytes);
  uint64_t offset = (uint64_t)lseek(fd, 0, SEEK_CUR);
  before_write(record, offset);
  ssize_t done = real(fd, data, bytes);
  after_write(record, offset, done);
  return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  if (tracked(fd) != NULL) give_up("writev is not modelled", tracked(fd)->path);
  return real(fd, parts, count);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset) {
  REAL(void *, mmap64, void *, size_t, int, int, int, off64_t);
  int writes = (protection & PROT_WRITE) != 0 && (flags & MAP_SHARED) != 0;
  if (writes && tracked(fd) != NULL) give_up("writing through mmap is not modelled", tracked(fd)->path);
  return real(address, length, protection, flags, fd, offset);
}

int ftruncate(int fd, off_t length) {
  REAL(int, ftruncate, int, off_t);
  struct record *record = tracked(fd);
  if (record != NULL) before_truncate(record, (uint64_t)length);
  int result = real(fd, length);
  if (record != NULL && result == 0 && !is_wal(record->path)) after_write(record, 0, 1);
  return result;
}

int ftruncate64(int fd, off64_t length) {
  REAL(int, ftruncate64, int, off64_t);
  struct record *record = tracked(fd);
  if (record != NULL) before_truncate(record, (uint64_t)length);
  int result = real(fd, length);
  if (record != NULL && result == 0 && !is_wal(record->path)) after_write(record, 0, 1);
  return result;
}

int fsync(int fd) {
  REAL(int, fsync, int);
  return synced_by(real, fd);
}

int fdatasync(int fd) {
  REAL(int, fdatasync, int);
  return synced_by(real, fd);
}

int unlink(const char *path) {
  REAL(int, unlink, const char *);
  removed(path);
  return real(path);
}
