<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
<context>
    <name>activity</name>
    <message>
        <source>Begun</source>
        <translation>시작</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>작업</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>결과</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>소요 시간</translation>
    </message>
    <message>
        <source>By</source>
        <translation>실행자</translation>
    </message>
    <message>
        <source>Operations</source>
        <translation>작업 기록</translation>
    </message>
    <message>
        <source>Nothing was done yet</source>
        <translation>아직 실행한 작업이 없습니다</translation>
    </message>
    <message>
        <source>Every backup, rollback and start of the program is written down here, with its steps and their times.</source>
        <translation>백업, 롤백, 프로그램 시작을 비롯한 모든 작업이 단계별 소요 시간과 함께 여기에 기록됩니다.</translation>
    </message>
    <message>
        <source>&amp;What changed?</source>
        <translation>전후 변화 보기(&amp;W)</translation>
    </message>
    <message>
        <source>Health in the quarter of an hour before and after it</source>
        <translation>작업 전후 15분간의 상태</translation>
    </message>
</context><context>
    <name>app</name>
    <message>
        <source>The console cannot work in this folder: {why}</source>
        <translation>이 폴더에서는 콘솔을 사용할 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>The trading program's files were not touched.</source>
        <translation>거래 프로그램의 파일은 건드리지 않았습니다.</translation>
    </message>
    <message>
        <source>Look at the disk's space and at the folder's permissions.</source>
        <translation>디스크의 여유 공간과 폴더 권한을 확인하세요.</translation>
    </message>
    <message>
        <source>The console is open already; its window was raised.</source>
        <translation>콘솔이 이미 열려 있어 그 창을 앞으로 가져왔습니다.</translation>
    </message>
</context><context>
    <name>backup</name>
    <message>
        <source>Note</source>
        <translation>메모</translation>
    </message>
    <message>
        <source>&amp;Pinned: never removed by itself</source>
        <translation>고정: 자동으로 삭제하지 않음(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Check stored bytes</source>
        <translation>저장 데이터 검사(&amp;C)</translation>
    </message>
    <message>
        <source>Restore &amp;drill</source>
        <translation>복원 훈련(&amp;D)</translation>
    </message>
    <message>
        <source>Co&amp;mpare with now</source>
        <translation>현재와 비교(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>내보내기(&amp;E)…</translation>
    </message>
    <message>
        <source>&amp;Go back to this state…</source>
        <translation>이 상태로 되돌아가기(&amp;G)…</translation>
    </message>
    <message>
        <source>Program {program} · Console {console}</source>
        <translation>거래 프로그램 {program} · 콘솔 {console}</translation>
    </message>
    <message>
        <source>File</source>
        <translation>파일</translation>
    </message>
    <message>
        <source>Tables</source>
        <translation>테이블</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>행</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>크기</translation>
    </message>
    <message>
        <source>Prune by the rules</source>
        <translation>규칙에 따라 정리</translation>
    </message>
    <message>
        <source>{count} restore points go, {kept} stay, {size} return.</source>
        <translation>복원 지점 {count}개를 삭제하고 {kept}개를 남깁니다. 공간 {size} 확보.</translation>
    </message>
    <message>
        <source>Nothing goes now.</source>
        <translation>지금은 아무것도 삭제하지 않습니다.</translation>
    </message>
    <message>
        <source>Nothing goes: the rules keep all {kept}.</source>
        <translation>삭제할 복원 지점이 없습니다. 규칙에 따라 {kept}개를 모두 보존합니다.</translation>
    </message>
    <message>
        <source>Pinned ones and the newest good one always stay; the rules stand in ops_console.yaml under 'retention'.</source>
        <translation>고정된 복원 지점과 정상인 최신 복원 지점은 항상 보존합니다. 규칙은 ops_console.yaml의 'retention' 항목에 있습니다.</translation>
    </message>
    <message>
        <source>Keep everything</source>
        <translation>모두 보존</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Remove {count}, get {size} back</source>
        <translation>{count}개 삭제, {size} 확보</translation>
    </message>
    <message>
        <source>Back up &amp;now</source>
        <translation>지금 백업(&amp;N)</translation>
    </message>
    <message>
        <source>Ctrl+B — the program keeps running</source>
        <translation>Ctrl+B — 거래 프로그램은 계속 실행됩니다</translation>
    </message>
    <message>
        <source>M&amp;ore</source>
        <translation>기타 작업(&amp;O)</translation>
    </message>
    <message>
        <source>No restore point yet</source>
        <translation>아직 복원 지점이 없습니다</translation>
    </message>
    <message>
        <source>A backup takes moments and the trading program keeps running. Then one click brings this state back.</source>
        <translation>백업은 금방 끝나며, 그동안 거래 프로그램은 계속 실행됩니다. 백업해 두면 클릭 한 번으로 지금 상태로 되돌아올 수 있습니다.</translation>
    </message>
    <message>
        <source>&amp;Import folder…</source>
        <translation>폴더 가져오기(&amp;I)…</translation>
    </message>
    <message>
        <source>Import &amp;file…</source>
        <translation>파일 가져오기(&amp;F)…</translation>
    </message>
    <message>
        <source>&amp;Check all stored bytes</source>
        <translation>저장 데이터 전체 검사(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Prune by the rules…</source>
        <translation>규칙에 따라 정리(&amp;P)…</translation>
    </message>
    <message>
        <source>{count} restore points</source>
        <translation>복원 지점 {count}개</translation>
    </message>
    <message>
        <source>{stored} on disk for {size} of data</source>
        <translation>데이터 {size}, 디스크 사용량 {stored}</translation>
    </message>
    <message>
        <source>{count} damaged</source>
        <translation>{count}개 손상</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>내보낼 위치</translation>
    </message>
    <message>
        <source>Folder with a backup</source>
        <translation>백업이 있는 폴더</translation>
    </message>
    <message>
        <source>Backup file</source>
        <translation>백업 파일</translation>
    </message>
</context><context>
    <name>by</name>
    <message>
        <source>window</source>
        <translation>창</translation>
    </message>
    <message>
        <source>command line</source>
        <translation>명령</translation>
    </message>
    <message>
        <source>schedule</source>
        <translation>일정</translation>
    </message>
    <message>
        <source>health watch</source>
        <translation>상태 감시</translation>
    </message>
    <message>
        <source>supervisor</source>
        <translation>감독</translation>
    </message>
</context><context>
    <name>cli</name>
    <message>
        <source>Practise on a stand-in trading program</source>
        <translation>연습용 거래 프로그램으로 연습</translation>
    </message>
    <message>
        <source>tell the story in the terminal</source>
        <translation>화면 없이 터미널에서 진행</translation>
    </message>
    <message>
        <source>only make the workspace</source>
        <translation>작업 공간만 만들고 종료</translation>
    </message>
    <message>
        <source>leave pictures of every tab</source>
        <translation>모든 탭의 화면을 이미지로 저장</translation>
    </message>
    <message>
        <source>Put a release into production</source>
        <translation>운영 환경에 릴리스 배포</translation>
    </message>
    <message>
        <source>Write a commented configuration to begin with</source>
        <translation>설명이 달린 기본 설정 파일 만들기</translation>
    </message>
    <message>
        <source>Every check; nothing is touched</source>
        <translation>전체 점검만 실행(변경 없음)</translation>
    </message>
    <message>
        <source>All of it beside production</source>
        <translation>운영 환경과 분리해 전 과정 예행</translation>
    </message>
    <message>
        <source>Deploy, or leave all as it was</source>
        <translation>배포(실패하면 모두 이전 상태 유지)</translation>
    </message>
    <message>
        <source>do not ask</source>
        <translation>묻지 않고 실행</translation>
    </message>
    <message>
        <source>go on although this check fails; the reason is journalled</source>
        <translation>이 점검이 실패해도 계속 진행(사유를 기록)</translation>
    </message>
    <message>
        <source>What is in production</source>
        <translation>운영 중인 릴리스</translation>
    </message>
    <message>
        <source>What was deployed, and when</source>
        <translation>배포 기록</translation>
    </message>
    <message>
        <source>Back to the former release and its data</source>
        <translation>이전 릴리스와 그 데이터로 되돌리기</translation>
    </message>
    <message>
        <source>a deployment, a release, or 'before-first'</source>
        <translation>배포 ID, 릴리스 ID 또는 'before-first'(첫 배포 이전)</translation>
    </message>
    <message>
        <source>Way back: {what}</source>
        <translation>되돌릴 곳: {what}</translation>
    </message>
    <message>
        <source>Estimated downtime: {time}</source>
        <translation>예상 중단 시간: {time}</translation>
    </message>
    <message>
        <source>{path} is written. Say in it what is to be deployed, then run 'deploy plan'.</source>
        <translation>{path} 파일을 만들었습니다. 배포할 대상을 적은 뒤 'deploy plan'을 실행하세요.</translation>
    </message>
    <message>
        <source>Rehearsed in {total}; the program would be down for about {time}.</source>
        <translation>예행 완료, 소요 시간 {total}. 예상 중단 시간은 약 {time}입니다.</translation>
    </message>
    <message>
        <source>The program is stopped, the release and its data are switched, and it is started.</source>
        <translation>프로그램을 종료하고 릴리스와 데이터를 전환한 뒤 다시 시작합니다.</translation>
    </message>
    <message>
        <source>{version} is in production; the program was down for {time}. Report: {path}</source>
        <translation>배포했습니다: {version}. 중단 시간 {time}. 보고서: {path}</translation>
    </message>
    <message>
        <source>No release was deployed yet.</source>
        <translation>아직 배포한 릴리스가 없습니다.</translation>
    </message>
    <message>
        <source>{version} since {time} (release {release}, data {point}).</source>
        <translation>{version}, {time}부터 운영 중 (릴리스 {release}, 데이터 {point}).</translation>
    </message>
    <message>
        <source>A deployment was cut off: run 'recover'.</source>
        <translation>도중에 중단된 배포가 있습니다. 'recover'를 실행하세요.</translation>
    </message>
    <message>
        <source>Nothing was deployed yet.</source>
        <translation>아직 배포한 기록이 없습니다.</translation>
    </message>
    <message>
        <source>Back to {version}.</source>
        <translation>{version}(으)로 돌아갑니다.</translation>
    </message>
    <message>
        <source>Back; the program was down for {time}.</source>
        <translation>되돌렸습니다. 중단 시간 {time}.</translation>
    </message>
    <message>
        <source>What going back to a restore point would change</source>
        <translation>복원 지점으로 되돌아가면 변경될 내용</translation>
    </message>
    <message>
        <source>default: the newest good one</source>
        <translation>기본값: 정상인 최신 복원 지점</translation>
    </message>
    <message>
        <source>default: the live data</source>
        <translation>기본값: 운영 데이터</translation>
    </message>
    <message>
        <source>Nothing differs.</source>
        <translation>차이가 없습니다.</translation>
    </message>
    <message>
        <source>✗ {name}: {why}</source>
        <translation>✗ {name}: {why}</translation>
    </message>
    <message>
        <source>Not in the restore point, stays as it is: {names}</source>
        <translation>복원 지점에 없어 그대로 유지: {names}</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>테이블</translation>
    </message>
    <message>
        <source>return</source>
        <translation>복원</translation>
    </message>
    <message>
        <source>leave</source>
        <translation>제거</translation>
    </message>
    <message>
        <source>change</source>
        <translation>변경</translation>
    </message>
    <message>
        <source>'{name}' names no page of a table.</source>
        <translation>테이블의 페이지를 가리키는 이름이 아닙니다: '{name}'</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Give --rows as DATABASE.TABLE and at most 10,000 rows.</source>
        <translation>--rows에 데이터베이스.테이블 형식으로 최대 10,000행까지 지정하세요.</translation>
    </message>
    <message>
        <source>Backs up, watches and restores a trading program's databases.</source>
        <translation>거래 프로그램의 데이터베이스를 백업하고, 감시하고, 복원합니다.</translation>
    </message>
    <message>
        <source>the trading program's folder</source>
        <translation>거래 프로그램 폴더</translation>
    </message>
    <message>
        <source>language</source>
        <translation>언어</translation>
    </message>
    <message>
        <source>Restore points</source>
        <translation>복원 지점</translation>
    </message>
    <message>
        <source>How well everything is</source>
        <translation>전체 상태 표시</translation>
    </message>
    <message>
        <source>go on until Ctrl+C</source>
        <translation>Ctrl+C를 누를 때까지 계속</translation>
    </message>
    <message>
        <source>What was sampled, as CSV</source>
        <translation>수집한 이력을 CSV로 내보내기</translation>
    </message>
    <message>
        <source>where to; - is standard output</source>
        <translation>저장할 위치, -는 표준 출력</translation>
    </message>
    <message>
        <source>Health before and after an operation</source>
        <translation>작업 전후의 상태 비교</translation>
    </message>
    <message>
        <source>its number in the journal; none: the newest that changed data</source>
        <translation>기록의 작업 번호, 생략하면 데이터를 바꾼 최근 작업</translation>
    </message>
    <message>
        <source>What went wrong, and who knows</source>
        <translation>알림 확인 및 관리</translation>
    </message>
    <message>
        <source>List the incidents</source>
        <translation>알림 목록</translation>
    </message>
    <message>
        <source>only those that are going on</source>
        <translation>진행 중인 알림만</translation>
    </message>
    <message>
        <source>Say that you know of an incident</source>
        <translation>알림을 확인한 것으로 표시</translation>
    </message>
    <message>
        <source>Tell nothing of a rule</source>
        <translation>알림 규칙 음소거</translation>
    </message>
    <message>
        <source>tell of it again</source>
        <translation>음소거 해제</translation>
    </message>
    <message>
        <source>Sample and alert without a window</source>
        <translation>창 없이 상태 수집 및 알림</translation>
    </message>
    <message>
        <source>make no scheduled backups and restore drills</source>
        <translation>예약된 백업과 복원 훈련을 실행하지 않음</translation>
    </message>
    <message>
        <source>What</source>
        <translation>항목</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>값</translation>
    </message>
    <message>
        <source>{rows} rows in {path}</source>
        <translation>{rows}행 저장: {path}</translation>
    </message>
    <message>
        <source>There is no such operation in the journal.</source>
        <translation>기록에 해당 작업이 없습니다.</translation>
    </message>
    <message>
        <source>Nothing was touched.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>'journal' lists the operations with their numbers.</source>
        <translation>'journal' 명령으로 작업 번호를 확인하십시오.</translation>
    </message>
    <message>
        <source>There is no incident.</source>
        <translation>알림이 없습니다.</translation>
    </message>
    <message>
        <source>until resolved</source>
        <translation>해소될 때까지</translation>
    </message>
    <message>
        <source>'{rule}' is told of again.</source>
        <translation>'{rule}' 규칙의 음소거를 해제했습니다.</translation>
    </message>
    <message>
        <source>'{rule}' is silent.</source>
        <translation>'{rule}' 규칙을 음소거했습니다.</translation>
    </message>
    <message>
        <source>After '{operation}' health is as before.</source>
        <translation>'{operation}' 이후 상태는 이전과 같습니다.</translation>
    </message>
    <message>
        <source>This monitor records and alerts.</source>
        <translation>이 모니터가 기록과 알림을 맡습니다.</translation>
    </message>
    <message>
        <source>Another console records and alerts; this one only looks on.</source>
        <translation>다른 콘솔이 기록과 알림을 맡고 있어 이 모니터는 관찰만 합니다.</translation>
    </message>
    <message>
        <source>{ticks} samples, {incidents} incidents, {missed} missed.</source>
        <translation>수집 {ticks}회, 알림 {incidents}건, 누락 {missed}회.</translation>
    </message>
    <message>
        <source>There is no screen to open the window on.</source>
        <translation>창을 띄울 화면이 없습니다.</translation>
    </message>
    <message>
        <source>Name a command, such as 'status' or 'backup create'; --help lists all.</source>
        <translation>'status'나 'backup create' 같은 명령을 지정하세요. 전체 목록은 --help로 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>Cancelled; nothing is left of it.</source>
        <translation>취소했습니다. 남은 흔적은 없습니다.</translation>
    </message>
    <message>
        <source>The disk did not let the console work: {why}</source>
        <translation>디스크 문제로 콘솔이 작업하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>Look at the disk's space and permissions, then run it again.</source>
        <translation>디스크의 남은 공간과 권한을 확인한 뒤 다시 실행하세요.</translation>
    </message>
    <message>
        <source>The console made a mistake: {what}</source>
        <translation>콘솔에 오류가 발생했습니다: {what}</translation>
    </message>
    <message>
        <source>Run it again; when it recurs, report it with the log {path}.</source>
        <translation>다시 실행하세요. 같은 일이 되풀이되면 로그 {path}와(과) 함께 알려 주세요.</translation>
    </message>
    <message>
        <source>Run it again; when it recurs, report it with the lines above.</source>
        <translation>다시 실행하세요. 같은 일이 되풀이되면 위에 나온 내용과 함께 알려 주세요.</translation>
    </message>
    <message>
        <source>Take the data to the new schema</source>
        <translation>데이터를 새 스키마로 마이그레이션</translation>
    </message>
    <message>
        <source>Which scripts ran, and which are due</source>
        <translation>실행한 스크립트와 실행할 스크립트</translation>
    </message>
    <message>
        <source>What a run would do</source>
        <translation>실행하면 수행할 작업</translation>
    </message>
    <message>
        <source>What could stand in the way</source>
        <translation>사전 점검</translation>
    </message>
    <message>
        <source>The whole migration on a copy</source>
        <translation>복사본으로 마이그레이션 전체 예행</translation>
    </message>
    <message>
        <source>Migrate, prove, and cut over</source>
        <translation>마이그레이션하고 검증한 뒤 전환</translation>
    </message>
    <message>
        <source>Check migrated databases</source>
        <translation>마이그레이션한 데이터베이스 검증</translation>
    </message>
    <message>
        <source>Where the newest report lies</source>
        <translation>최신 보고서 위치</translation>
    </message>
    <message>
        <source>Accept the history as it is</source>
        <translation>현재 이력을 그대로 받아들이기</translation>
    </message>
    <message>
        <source>Count scripts as done that others ran</source>
        <translation>다른 곳에서 실행한 스크립트를 완료로 기록</translation>
    </message>
    <message>
        <source>Go back to before the newest migration</source>
        <translation>최신 마이그레이션 이전으로 되돌아가기</translation>
    </message>
    <message>
        <source>only say what would be lost</source>
        <translation>실행하지 않고 손실될 내용만 표시</translation>
    </message>
    <message>
        <source>write the rows written since to files first</source>
        <translation>마이그레이션 이후 기록된 행을 먼저 파일로 내보내기</translation>
    </message>
    <message>
        <source>Type 'yes' to go on: </source>
        <translation>계속하려면 'yes'를 입력하세요: </translation>
    </message>
    <message>
        <source>Script</source>
        <translation>스크립트</translation>
    </message>
    <message>
        <source>When</source>
        <translation>실행 시각</translation>
    </message>
    <message>
        <source>Newest report: {path}</source>
        <translation>최신 보고서: {path}</translation>
    </message>
    <message>
        <source>Legacy table</source>
        <translation>이전 테이블</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>형태</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>행</translation>
    </message>
    <message>
        <source>How long it takes is known after `migrate rehearse`.</source>
        <translation>소요 시간은 `migrate rehearse`를 실행한 뒤에 알 수 있습니다.</translation>
    </message>
    <message>
        <source>{count} rows need manual review.</source>
        <translation>수동 검토가 필요한 행: {count}개.</translation>
    </message>
    <message>
        <source>The program is stopped, its databases are migrated, and it is started again.</source>
        <translation>프로그램을 종료하고 데이터베이스를 마이그레이션한 뒤 다시 시작합니다.</translation>
    </message>
    <message>
        <source>Migrated; the program was down for {time}. To undo: restore point {id}. Report: {path}</source>
        <translation>마이그레이션했습니다. 중단 시간 {time}. 되돌릴 복원 지점: {id}. 보고서: {path}</translation>
    </message>
    <message>
        <source>Edited, failed and missing scripts are accepted; the program is stopped briefly.</source>
        <translation>수정되었거나 실패했거나 없어진 스크립트를 현재 상태로 받아들입니다. 프로그램이 잠시 중단됩니다.</translation>
    </message>
    <message>
        <source>Scripts up to {version} count as done.</source>
        <translation>{version}번까지의 스크립트를 완료로 기록합니다.</translation>
    </message>
    <message>
        <source>Back to {id}; {rows} rows written since then leave the live data and stay in a restore point of the present.</source>
        <translation>복원 지점 {id}의 상태로 되돌립니다. 그 이후에 기록된 {rows}행은 운영 데이터에서 제거되지만, 현재 상태의 복원 지점에는 남습니다.</translation>
    </message>
    <message>
        <source>Back to {id}; at most {rows} rows written since then leave the live data and stay in a restore point of the present. The scripts have changed, so what the migration wrote itself may be counted, too.</source>
        <translation>{id} 시점으로 되돌립니다. 이후 기록된 최대 {rows}행이 운영 데이터에서 빠지고 현재 상태의 복원 지점에 남습니다. 스크립트가 바뀌어 마이그레이션이 직접 기록한 행도 포함되었을 수 있습니다.</translation>
    </message>
    <message>
        <source>Undone; the program was down for {time}.</source>
        <translation>되돌렸습니다. 중단 시간 {time}.</translation>
    </message>
    <message>
        <source>The file {name} has changed since and goes back, too.</source>
        <translation>{name} 파일도 이후 변경되었으며 함께 되돌아갑니다.</translation>
    </message>
    <message>
        <source>Back up now, while the program runs</source>
        <translation>프로그램을 실행한 채로 지금 백업</translation>
    </message>
    <message>
        <source>a note for yourself</source>
        <translation>메모</translation>
    </message>
    <message>
        <source>List the restore points</source>
        <translation>복원 지점 목록</translation>
    </message>
    <message>
        <source>Show one restore point</source>
        <translation>복원 지점 상세 정보</translation>
    </message>
    <message>
        <source>Prove that a restore point can be restored</source>
        <translation>복원할 수 있는 복원 지점인지 검증</translation>
    </message>
    <message>
        <source>default: all of them</source>
        <translation>기본값: 전체</translation>
    </message>
    <message>
        <source>with a restore drill</source>
        <translation>복원 훈련 포함</translation>
    </message>
    <message>
        <source>Keep a restore point for ever</source>
        <translation>복원 지점을 고정해 계속 보존</translation>
    </message>
    <message>
        <source>let it go again</source>
        <translation>고정 해제</translation>
    </message>
    <message>
        <source>also change its note</source>
        <translation>메모도 변경</translation>
    </message>
    <message>
        <source>Restore point {id}: {size}, {added} new in the store.</source>
        <translation>복원 지점 {id}: {size}, 저장소에 추가 {added}.</translation>
    </message>
    <message>
        <source>✗ Saved as it is, but damaged: {names}. Go back to a good restore point: 'rollback'.</source>
        <translation>✗ 있는 그대로 저장했지만 손상되어 있습니다: {names}. 'rollback'으로 정상 복원 지점으로 되돌리세요.</translation>
    </message>
    <message>
        <source>✗ Not in it, because there is no such file: {names}. 'rollback' brings it back.</source>
        <translation>✗ 파일이 없어 저장하지 못했습니다: {names}. 'rollback'으로 되살릴 수 있습니다.</translation>
    </message>
    <message>
        <source>There is no restore point yet; 'backup create' makes one.</source>
        <translation>아직 복원 지점이 없습니다. 'backup create'로 만들 수 있습니다.</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>식별자</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>경과</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>사유</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>크기</translation>
    </message>
    <message>
        <source>Condition</source>
        <translation>상태</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>메모</translation>
    </message>
    <message>
        <source>State of</source>
        <translation>시점</translation>
    </message>
    <message>
        <source>Made by</source>
        <translation>만든 사람</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>거래 프로그램</translation>
    </message>
    <message>
        <source>Console</source>
        <translation>콘솔</translation>
    </message>
    <message>
        <source>File</source>
        <translation>파일</translation>
    </message>
    <message>
        <source>Tables</source>
        <translation>테이블</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>검사</translation>
    </message>
    <message>
        <source>Digest</source>
        <translation>다이제스트</translation>
    </message>
    <message>
        <source>There is no good restore point.</source>
        <translation>정상인 복원 지점이 없습니다.</translation>
    </message>
    <message>
        <source>Make one with 'backup create'.</source>
        <translation>'backup create'로 만드세요.</translation>
    </message>
    <message>
        <source>Write ordinary SQLite files and a manifest</source>
        <translation>일반 SQLite 파일과 매니페스트로 내보내기</translation>
    </message>
    <message>
        <source>the encrypted exchange keys, too</source>
        <translation>암호화된 거래소 키도 포함</translation>
    </message>
    <message>
        <source>Take exported files or loose backups in</source>
        <translation>내보낸 파일이나 따로 보관한 백업 가져오기</translation>
    </message>
    <message>
        <source>Keep a second store on another disk, or fetch one</source>
        <translation>다른 디스크에 저장소 사본을 두거나, 사본에서 가져오기</translation>
    </message>
    <message>
        <source>bring there what is new</source>
        <translation>새로 생긴 복원 지점을 이 폴더로 복사</translation>
    </message>
    <message>
        <source>fetch from there what is new</source>
        <translation>이 폴더에서 새 복원 지점 가져오기</translation>
    </message>
    <message>
        <source>make the copy where there is none yet</source>
        <translation>사본이 아직 없으면 새로 만듭니다</translation>
    </message>
    <message>
        <source>Remove the restore points that no rule keeps</source>
        <translation>보존 규칙에 해당하지 않는 복원 지점 정리</translation>
    </message>
    <message>
        <source>only say what would go</source>
        <translation>삭제할 대상만 표시</translation>
    </message>
    <message>
        <source>remove just these</source>
        <translation>지정한 복원 지점만 삭제</translation>
    </message>
    <message>
        <source>{count} files, {size}, in {folder}</source>
        <translation>파일 {count}개, {size}, 위치: {folder}</translation>
    </message>
    <message>
        <source>Left out, as it holds secrets: {names}</source>
        <translation>비밀 정보가 있어 제외: {names}</translation>
    </message>
    <message>
        <source>Restore point {id}: {size}.</source>
        <translation>복원 지점 {id}: {size}.</translation>
    </message>
    <message>
        <source>{count} restore points ({size}) copied and read back; {total} are in {folder} now.</source>
        <translation>복원 지점 {count}개({size})를 복사하고 다시 읽어 확인했습니다. 현재 {total}개가 있는 위치: {folder}</translation>
    </message>
    <message>
        <source>{count} restore points would go, {kept} stay, {size} would return.</source>
        <translation>삭제 예정 {count}개, 보존 {kept}개, 확보할 공간 {size}.</translation>
    </message>
    <message>
        <source>{count} restore points are gone, {kept} stay, {size} returned.</source>
        <translation>복원 지점 {count}개 삭제, {kept}개 보존, 공간 {size} 확보.</translation>
    </message>
    <message>
        <source>Show the state of the workspace</source>
        <translation>작업 공간 상태 표시</translation>
    </message>
    <message>
        <source>What was done, and when</source>
        <translation>작업 기록</translation>
    </message>
    <message>
        <source>Finish or undo what was interrupted</source>
        <translation>중단된 작업을 완료하거나 되돌리기</translation>
    </message>
    <message>
        <source>Newest good restore point: {id}, {age}.</source>
        <translation>정상인 최신 복원 지점: {id}, {age}.</translation>
    </message>
    <message>
        <source>{name} cannot be swapped: {what} {to_do}</source>
        <translation>{name}을(를) 교체할 수 없습니다: {what} {to_do}</translation>
    </message>
    <message>
        <source>An operation was interrupted: run 'recover'.</source>
        <translation>중단된 작업이 있습니다. 'recover'를 실행하세요.</translation>
    </message>
    <message>
        <source>'{what}' is under way (process {pid}).</source>
        <translation>'{what}' 작업이 진행 중입니다(PID {pid}).</translation>
    </message>
    <message>
        <source>A parked set became restore point {id}.</source>
        <translation>보관된 파일 세트를 복원 지점으로 저장했습니다: {id}.</translation>
    </message>
    <message>
        <source>Nothing was interrupted; there is nothing to recover.</source>
        <translation>중단된 작업이 없어 복구할 것이 없습니다.</translation>
    </message>
    <message>
        <source>Go back to a restore point</source>
        <translation>복원 지점으로 되돌아가기</translation>
    </message>
    <message>
        <source>default: the newest good one from before the last change</source>
        <translation>기본값: 마지막 변경 이전의 정상인 최신 복원 지점</translation>
    </message>
    <message>
        <source>the newest good state of this time or before, such as 14:31</source>
        <translation>이 시각 또는 그 이전의 최신 정상 상태 (예: 14:31)</translation>
    </message>
    <message>
        <source>only say what would happen</source>
        <translation>실행하지 않고 예상 결과만 표시</translation>
    </message>
    <message>
        <source>Type 'rollback' to go back: </source>
        <translation>되돌아가려면 'rollback'을 입력하세요: </translation>
    </message>
    <message>
        <source>The state of {time} is live. The program was down for {duration}.</source>
        <translation>{time}의 상태로 되돌렸습니다. 프로그램 중단 시간은 {duration}입니다.</translation>
    </message>
    <message>
        <source>There was no live file before.</source>
        <translation>되돌리기 전에는 운영 파일이 없었습니다.</translation>
    </message>
    <message>
        <source>What was live before is restore point {id}.</source>
        <translation>되돌리기 전의 데이터는 복원 지점으로 남아 있습니다: {id}.</translation>
    </message>
    <message>
        <source>There is no good restore point to go back to.</source>
        <translation>되돌아갈 수 있는 정상 복원 지점이 없습니다.</translation>
    </message>
    <message>
        <source>Make one with 'backup create', or bring one in by 'backup import'.</source>
        <translation>'backup create'로 만들거나 'backup import'로 가져오세요.</translation>
    </message>
    <message>
        <source>Going back to {id}: the state of {time} ({size}).</source>
        <translation>되돌아갈 복원 지점: {id}, {time}의 상태 ({size}).</translation>
    </message>
    <message>
        <source>Without a terminal to ask at, give --yes.</source>
        <translation>확인을 받을 터미널이 없습니다. --yes를 지정하세요.</translation>
    </message>
    <message>
        <source>The trading program is not running.</source>
        <translation>거래 프로그램이 실행 중이 아닙니다.</translation>
    </message>
    <message>
        <source>The trading program is running: process {pid}, since {since}.</source>
        <translation>거래 프로그램이 실행 중입니다: PID {pid}, 시작 {since}.</translation>
    </message>
    <message>
        <source>The trading program</source>
        <translation>거래 프로그램 제어</translation>
    </message>
    <message>
        <source>Start the trading program</source>
        <translation>거래 프로그램 시작</translation>
    </message>
    <message>
        <source>Ask the trading program to close</source>
        <translation>거래 프로그램에 종료 요청</translation>
    </message>
    <message>
        <source>Stop the trading program and start it</source>
        <translation>거래 프로그램을 종료하고 다시 시작</translation>
    </message>
    <message>
        <source>Whether the trading program runs</source>
        <translation>거래 프로그램 실행 여부</translation>
    </message>
    <message>
        <source>Keep the trading program running</source>
        <translation>거래 프로그램을 계속 실행되게 유지(감독)</translation>
    </message>
    <message>
        <source>leave it stopped where 'stop' stopped it</source>
        <translation>'stop'으로 종료한 상태라면 그대로 두기</translation>
    </message>
    <message>
        <source>What the trading program printed</source>
        <translation>거래 프로그램이 출력한 내용</translation>
    </message>
    <message>
        <source>standard output, standard error, or the program's own log</source>
        <translation>표준 출력, 표준 오류, 또는 프로그램 자체 로그</translation>
    </message>
    <message>
        <source>Have the system start the supervisor</source>
        <translation>시스템이 감독 프로세스를 시작하도록 설치</translation>
    </message>
    <message>
        <source>only print the unit or the task</source>
        <translation>유닛 또는 작업 정의만 출력</translation>
    </message>
    <message>
        <source>Have the system start it no more</source>
        <translation>시스템에 설치한 감독 프로세스 제거</translation>
    </message>
    <message>
        <source>The trading program has closed.</source>
        <translation>거래 프로그램이 종료되었습니다.</translation>
    </message>
    <message>
        <source>The supervisor (process {pid}, since {since}) restarted it {count} times.</source>
        <translation>감독 프로세스(PID {pid}, {since}부터)가 {count}번 다시 시작했습니다.</translation>
    </message>
    <message>
        <source>It was stopped by 'service stop'.</source>
        <translation>'service stop'으로 종료된 상태입니다.</translation>
    </message>
    <message>
        <source>Its last run ended {when} with exit code {code}.</source>
        <translation>마지막 실행은 {when}에 종료 코드 {code}로 끝났습니다.</translation>
    </message>
    <message>
        <source>Installed as {unit}.</source>
        <translation>{unit}(으)로 설치되어 있습니다.</translation>
    </message>
    <message>
        <source>It is supervised, and the system starts the supervisor.</source>
        <translation>감독 중이며, 감독 프로세스는 시스템이 시작합니다.</translation>
    </message>
    <message>
        <source>It is supervised.</source>
        <translation>감독 중입니다.</translation>
    </message>
    <message>
        <source>It was started by the console; nobody supervises it.</source>
        <translation>콘솔이 시작했으며, 감독하는 프로세스가 없습니다.</translation>
    </message>
    <message>
        <source>It was started by hand; nobody supervises it.</source>
        <translation>직접 시작했으며, 감독하는 프로세스가 없습니다.</translation>
    </message>
    <message>
        <source>The trading program runs on, unsupervised.</source>
        <translation>거래 프로그램은 감독 없이 계속 실행됩니다.</translation>
    </message>
    <message>
        <source>The log is empty.</source>
        <translation>로그가 비어 있습니다.</translation>
    </message>
    <message>
        <source>… {size_bytes} left out …</source>
        <translation>… {size_bytes} 생략 …</translation>
    </message>
    <message>
        <source>Nothing was installed.</source>
        <translation>설치된 것이 없습니다.</translation>
    </message>
    <message>
        <source>{unit} was removed.</source>
        <translation>{unit}을(를) 제거했습니다.</translation>
    </message>
    <message>
        <source>Prove that what is live is well</source>
        <translation>운영 상태가 정상인지 검증</translation>
    </message>
    <message>
        <source>Every live database, page by page</source>
        <translation>모든 운영 데이터베이스를 처음부터 끝까지 검사</translation>
    </message>
    <message>
        <source>Program, data, answers, rules, way back</source>
        <translation>프로그램, 데이터, 응답 시간, 규칙, 되돌릴 방법</translation>
    </message>
    <message>
        <source>The last rollback, and all of it</source>
        <translation>마지막 롤백의 결과와 현재 상태 전체</translation>
    </message>
    <message>
        <source>{path} holds files that are not a practice workspace.</source>
        <translation>연습용 작업 공간이 아닌 파일이 있는 폴더입니다: {path}</translation>
    </message>
    <message>
        <source>Name an empty folder with --workspace.</source>
        <translation>--workspace로 빈 폴더를 지정하세요.</translation>
    </message>
</context><context>
    <name>compare</name>
    <message>
        <source>Comparing {name}</source>
        <translation>{name} 비교 중</translation>
    </message>
    <message>
        <source>The two states could not be compared: {why}</source>
        <translation>두 상태를 비교하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>Both were only read.</source>
        <translation>양쪽 모두 읽기만 했습니다.</translation>
    </message>
    <message>
        <source>Verify the restore point, then compare again.</source>
        <translation>복원 지점을 검증한 뒤 다시 비교하세요.</translation>
    </message>
    <message>
        <source>There is no table {table} in {database} that could be compared.</source>
        <translation>{database}에 비교할 테이블이 없습니다: {table}</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Compare again and choose a table from the list.</source>
        <translation>다시 비교한 뒤 목록에서 테이블을 선택하세요.</translation>
    </message>
    <message>
        <source>A file that nobody seemed to write kept changing.</source>
        <translation>아무도 쓰지 않는 것으로 보이는 파일이 계속 바뀌었습니다.</translation>
    </message>
    <message>
        <source>The trading program's data was only read.</source>
        <translation>거래 프로그램의 데이터는 읽기만 했습니다.</translation>
    </message>
    <message>
        <source>Compare again.</source>
        <translation>다시 비교하세요.</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>{name} 읽는 중</translation>
    </message>
    <message>
        <source>Not enough free space to keep what differs: {free} bytes are free in {path}.</source>
        <translation>차이를 저장할 여유 공간이 부족합니다. 남은 공간: {free}바이트, 위치: {path}</translation>
    </message>
    <message>
        <source>Free some space or prune old restore points.</source>
        <translation>여유 공간을 확보하거나 오래된 복원 지점을 정리하세요.</translation>
    </message>
    <message>
        <source>{shown} ({size} bytes)</source>
        <translation>{shown} ({size}바이트)</translation>
    </message>
    <message>
        <source>new table</source>
        <translation>새 테이블</translation>
    </message>
    <message>
        <source>table goes</source>
        <translation>테이블 제거</translation>
    </message>
    <message>
        <source>structure differs</source>
        <translation>구조 다름</translation>
    </message>
    <message>
        <source>cannot be read</source>
        <translation>읽을 수 없음</translation>
    </message>
    <message>
        <source>comes back</source>
        <translation>되살아남</translation>
    </message>
    <message>
        <source>goes</source>
        <translation>사라짐</translation>
    </message>
    <message>
        <source>differs</source>
        <translation>다름</translation>
    </message>
    <message>
        <source>not in the restore point, stays as it is</source>
        <translation>복원 지점에 없어 그대로 유지</translation>
    </message>
    <message>
        <source>{database} · {table}: {added} rows return, {removed} leave, {changed} change</source>
        <translation>{database} · {table}: {added}행 복원, {removed}행 제거, {changed}행 변경</translation>
    </message>
    <message>
        <source>returns</source>
        <translation>복원</translation>
    </message>
    <message>
        <source>leaves</source>
        <translation>제거</translation>
    </message>
    <message>
        <source>changes</source>
        <translation>변경</translation>
    </message>
    <message>
        <source>Which rows are shown</source>
        <translation>표시할 행</translation>
    </message>
    <message>
        <source>Previous page (Alt+Page Up)</source>
        <translation>이전 페이지 (Alt+Page Up)</translation>
    </message>
    <message>
        <source>Next page (Alt+Page Down)</source>
        <translation>다음 페이지 (Alt+Page Down)</translation>
    </message>
    <message>
        <source>Rows that differ</source>
        <translation>차이가 있는 행</translation>
    </message>
    <message>
        <source>Structure, now and then</source>
        <translation>구조: 현재와 그 시점</translation>
    </message>
    <message>
        <source>{first}–{last} of {total}</source>
        <translation>{total}행 중 {first}–{last}</translation>
    </message>
    <message>
        <source>+ return: {rows}</source>
        <translation>+ 복원: {rows}</translation>
    </message>
    <message>
        <source>− leave: {rows}</source>
        <translation>− 제거: {rows}</translation>
    </message>
    <message>
        <source>~ change: {rows}</source>
        <translation>~ 변경: {rows}</translation>
    </message>
    <message>
        <source>All: {rows}</source>
        <translation>전체: {rows}</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>테이블</translation>
    </message>
    <message>
        <source>− leave   ·   + return</source>
        <translation>− 제거   ·   + 복원</translation>
    </message>
    <message>
        <source>+ return</source>
        <translation>+ 복원</translation>
    </message>
    <message>
        <source>− leave</source>
        <translation>− 제거</translation>
    </message>
    <message>
        <source>~ change</source>
        <translation>~ 변경</translation>
    </message>
    <message>
        <source>Tables that differ</source>
        <translation>차이가 있는 테이블</translation>
    </message>
    <message>
        <source>Progress of the comparison</source>
        <translation>비교 진행률</translation>
    </message>
    <message>
        <source>Computing what would change…</source>
        <translation>변경될 내용을 계산하는 중…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>The comparison was cancelled.</source>
        <translation>비교를 취소했습니다.</translation>
    </message>
    <message>
        <source>Compare again</source>
        <translation>다시 비교</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>비교</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>비교 대상</translation>
    </message>
    <message>
        <source>The data of now</source>
        <translation>현재 운영 데이터</translation>
    </message>
    <message>
        <source>compared with</source>
        <translation>비교 대상:</translation>
    </message>
    <message>
        <source>{rows} rows in {tables} tables differ (as of {at})</source>
        <translation>차이: 테이블 {tables}개, {rows}행 ({at} 기준)</translation>
    </message>
    <message>
        <source>Nothing differs (as of {at})</source>
        <translation>차이가 없습니다 ({at} 기준)</translation>
    </message>
</context><context>
    <name>condition</name>
    <message>
        <source>In place</source>
        <translation>있음</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>비어 있음</translation>
    </message>
    <message>
        <source>Not SQLite</source>
        <translation>SQLite 아님</translation>
    </message>
    <message>
        <source>Encrypted</source>
        <translation>암호화됨</translation>
    </message>
    <message>
        <source>Corrupt</source>
        <translation>손상됨</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>잠김</translation>
    </message>
    <message>
        <source>Unreadable</source>
        <translation>읽을 수 없음</translation>
    </message>
</context><context>
    <name>config</name>
    <message>
        <source>The path {path} is not allowed: {allowed}</source>
        <translation>{path} 경로는 쓸 수 없습니다: {allowed}</translation>
    </message>
    <message>
        <source>Name the trading program's folder with --app.</source>
        <translation>--app으로 거래 프로그램 폴더를 지정하세요.</translation>
    </message>
    <message>
        <source>{path} is not a trading program's folder: it has neither its script {script} nor one of its databases.</source>
        <translation>거래 프로그램 폴더가 아닙니다(실행 파일 {script}도 데이터베이스도 없음): {path}</translation>
    </message>
    <message>
        <source>Name the folder that {script} lies in, or one with an {overrides} that names the files to guard.</source>
        <translation>{script} 파일이 있는 폴더나, 보호할 파일을 적은 {overrides} 파일이 있는 폴더를 지정하세요.</translation>
    </message>
    <message>
        <source>There is no folder {path}.</source>
        <translation>폴더가 없습니다: {path}</translation>
    </message>
    <message>
        <source>No trading program was found in {path} or above it.</source>
        <translation>이 폴더와 상위 폴더에서 거래 프로그램을 찾지 못했습니다: {path}</translation>
    </message>
    <message>
        <source>Nothing was touched.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Name its folder with --app, or try 'demo' for a practice one.</source>
        <translation>--app으로 폴더를 지정하거나, 'demo'로 연습용 작업 공간을 사용해 보세요.</translation>
    </message>
    <message>
        <source>{file}: '{key}' is {value}, which is not allowed: {allowed}</source>
        <translation>{file}: '{key}'의 값 {value}: 허용되지 않습니다. {allowed}</translation>
    </message>
    <message>
        <source>Correct the value and start again.</source>
        <translation>값을 고친 뒤 다시 시작하세요.</translation>
    </message>
    <message>
        <source>Name a folder of its own, empty or new, and start again.</source>
        <translation>비어 있거나 새로 만들 전용 폴더를 지정한 다음 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{file}: '{key}' is {path}, which is not the console's own.</source>
        <translation>{file}: '{key}' 값 {path}은(는) 콘솔 전용 폴더가 아닙니다.</translation>
    </message>
    <message>
        <source>{file}: 'home' is {path}, which holds other files.</source>
        <translation>{file}: 'home' 값 {path}에 다른 파일이 있습니다.</translation>
    </message>
    <message>
        <source>a file; it is a folder</source>
        <translation>파일. 지정한 것은 폴더입니다</translation>
    </message>
    <message>
        <source>{file}: {one} and {other} are the same file: {path}</source>
        <translation>{file}: {one}와(과) {other}은(는) 같은 파일입니다: {path}</translation>
    </message>
    <message>
        <source>{file} cannot be read: {why}</source>
        <translation>파일을 읽을 수 없습니다: {file} ({why})</translation>
    </message>
    <message>
        <source>Correct the file or move it away, then start again.</source>
        <translation>파일을 고치거나 다른 곳으로 옮긴 뒤 다시 시작하세요.</translation>
    </message>
    <message>
        <source>the path of a file or a folder</source>
        <translation>파일이나 폴더의 경로</translation>
    </message>
    <message>
        <source>a path without '~': nobody's folder is known</source>
        <translation>'~'가 없는 경로: 사용자 폴더를 알 수 없습니다</translation>
    </message>
    <message>
        <source>a path below {folder}, or a whole one</source>
        <translation>{folder} 아래의 경로 또는 절대 경로</translation>
    </message>
    <message>
        <source>text without control characters</source>
        <translation>제어 문자가 없는 글자</translation>
    </message>
    <message>
        <source>a path of names that Windows leaves as they are</source>
        <translation>Windows가 바꾸지 않는 이름으로 된 경로</translation>
    </message>
    <message>
        <source>a place on a disk; there the system shows itself</source>
        <translation>디스크에 있는 위치. 그곳은 시스템 정보를 보여 주는 가상 파일 시스템입니다</translation>
    </message>
    <message>
        <source>a path of names that a disk can hold</source>
        <translation>디스크에 저장할 수 있는 길이의 이름으로 된 경로</translation>
    </message>
    <message>
        <source>a path that the system can open ({why})</source>
        <translation>시스템이 열 수 있는 경로({why})</translation>
    </message>
    <message>
        <source>a path below folders; one of these is a file</source>
        <translation>폴더 아래의 경로. 경로 중간에 파일이 있습니다</translation>
    </message>
</context><context>
    <name>core</name>
    <message>
        <source>Wait until it has finished, then try again.</source>
        <translation>작업이 끝난 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>This entry of the journal is damaged: {why}</source>
        <translation>손상된 작업 기록입니다: {why}</translation>
    </message>
    <message>
        <source>What became of the operation is not known from it.</source>
        <translation>이 기록으로는 작업 결과를 알 수 없습니다.</translation>
    </message>
    <message>
        <source>Nothing needs to be done: no operation depends on it.</source>
        <translation>별도 조치는 필요 없습니다. 이 기록에 의존하는 작업은 없습니다.</translation>
    </message>
    <message>
        <source>Another console was at work a moment ago.</source>
        <translation>조금 전까지 다른 콘솔이 작업 중이었습니다.</translation>
    </message>
    <message>
        <source>Another console is at work: {what} (process {pid}, {user}, since {since}).</source>
        <translation>다른 콘솔이 작업 중입니다: {what} (PID {pid}, {user}, {since} 시작).</translation>
    </message>
    <message>
        <source>Nothing was touched.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>A helper process ended unexpectedly (exit code {code}).</source>
        <translation>보조 프로세스가 예기치 않게 종료되었습니다(종료 코드 {code}).</translation>
    </message>
    <message>
        <source>The trading program's data was only read.</source>
        <translation>거래 프로그램의 데이터는 읽기만 했습니다.</translation>
    </message>
    <message>
        <source>Try again; the log has the details.</source>
        <translation>다시 시도하세요. 자세한 내용은 로그에 있습니다.</translation>
    </message>
    <message>
        <source>The console's own history {path} is damaged: {why}</source>
        <translation>콘솔 자체 이력 파일이 손상되었습니다: {path} ({why})</translation>
    </message>
    <message>
        <source>It is kept beside the new one that was begun. Do it again.</source>
        <translation>손상된 파일은 새로 시작한 파일 옆에 보관했습니다. 다시 실행하세요.</translation>
    </message>
    <message>
        <source>The system stopped it: {why}</source>
        <translation>시스템 오류로 작업이 중단되었습니다: {why}</translation>
    </message>
    <message>
        <source>Remove the cause, then try again.</source>
        <translation>원인을 해결한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>What an interrupted migration had left was removed.</source>
        <translation>중단된 마이그레이션이 남긴 파일을 삭제했습니다.</translation>
    </message>
    <message>
        <source>What an interrupted import had left was removed.</source>
        <translation>중단된 가져오기가 남긴 파일을 삭제했습니다.</translation>
    </message>
    <message>
        <source>What an interrupted look had left was removed.</source>
        <translation>중단된 점검이나 비교가 남긴 파일을 삭제했습니다.</translation>
    </message>
    <message>
        <source>What an interrupted export or copy had left was removed.</source>
        <translation>중단된 내보내기나 복사가 남긴 파일을 삭제했습니다.</translation>
    </message>
    <message>
        <source>What had been half written was removed.</source>
        <translation>쓰다가 중단된 파일을 삭제했습니다.</translation>
    </message>
    <message>
        <source>What an interrupted backup or drill had left in the store was removed.</source>
        <translation>중단된 백업이나 복원 훈련이 저장소에 남긴 파일을 삭제했습니다.</translation>
    </message>
    <message>
        <source>A release that was half made was removed.</source>
        <translation>만들다가 중단된 릴리스를 삭제했습니다.</translation>
    </message>
    <message>
        <source>What an interrupted rehearsal had left was removed.</source>
        <translation>중단된 리허설이 남긴 파일을 삭제했습니다.</translation>
    </message>
    <message>
        <source>The console's own folder {path} cannot be written: {why}</source>
        <translation>콘솔 폴더에 쓸 수 없습니다: {path} ({why})</translation>
    </message>
    <message>
        <source>Free some space there or give yourself the right to write.</source>
        <translation>그 위치의 여유 공간을 확보하거나 쓰기 권한을 부여하세요.</translation>
    </message>
    <message>
        <source>Run 'recover'.</source>
        <translation>'recover'를 실행하십시오.</translation>
    </message>
</context><context>
    <name>crash</name>
    <message>
        <source>What state the trading program's data is in is shown in the strip at the top. Close the console and open it again: what was cut off is then finished or undone.</source>
        <translation>거래 프로그램 데이터의 현재 상태는 맨 위 상태 줄에 표시됩니다. 콘솔을 닫았다가 다시 여세요. 중단된 작업은 그때 완료되거나 되돌려집니다.</translation>
    </message>
    <message>
        <source>The console met an error of its own.</source>
        <translation>콘솔 자체에서 오류가 발생했습니다.</translation>
    </message>
</context><context>
    <name>demo</name>
    <message>
        <source>Practice workspace: {path}</source>
        <translation>연습용 작업 공간: {path}</translation>
    </message>
    <message>
        <source>1. A stand-in trading program writes (process {pid}).</source>
        <translation>1. 연습용 거래 프로그램이 데이터를 쓰고 있습니다(PID {pid}).</translation>
    </message>
    <message>
        <source>before the mistake</source>
        <translation>실수하기 전</translation>
    </message>
    <message>
        <source>2. Backed up and verified while it writes: {size}, {added} in the store.</source>
        <translation>2. 쓰는 동안 백업하고 검증했습니다: 데이터 {size}, 저장소 {added}.</translation>
    </message>
    <message>
        <source>3. A mistake: {rows} rows of history are deleted.</source>
        <translation>3. 실수가 발생합니다: 과거 데이터 {rows}행이 삭제되었습니다.</translation>
    </message>
    <message>
        <source>4. Back by one command, {time} of downtime.</source>
        <translation>4. 명령 하나로 되돌렸습니다. 중단 시간 {time}.</translation>
    </message>
    <message>
        <source>5. Nothing is lost: the state with the mistake is restore point {id}.</source>
        <translation>5. 잃은 것은 없습니다. 실수한 상태도 복원 지점으로 남아 있습니다: {id}.</translation>
    </message>
    <message>
        <source>6. Pictures of every tab: {path}</source>
        <translation>6. 모든 탭의 화면 이미지: {path}</translation>
    </message>
    <message>
        <source>The stand-in program has closed.</source>
        <translation>연습용 거래 프로그램이 종료되었습니다.</translation>
    </message>
    <message>
        <source>The pictures could not be taken: {why}</source>
        <translation>화면 이미지를 저장하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>The practice data is as the story left it.</source>
        <translation>연습용 데이터는 시연을 마친 상태 그대로입니다.</translation>
    </message>
    <message>
        <source>Install what the first lines of output name, then try again.</source>
        <translation>출력 첫머리에 표시된 패키지를 설치한 뒤 다시 시도하세요.</translation>
    </message>
</context><context>
    <name>deploying</name>
    <message>
        <source>Configuration</source>
        <translation>배포 설정</translation>
    </message>
    <message>
        <source>Artefact</source>
        <translation>릴리스 파일</translation>
    </message>
    <message>
        <source>Python version</source>
        <translation>Python 버전</translation>
    </message>
    <message>
        <source>Dependencies</source>
        <translation>의존성</translation>
    </message>
    <message>
        <source>Migrations</source>
        <translation>마이그레이션</translation>
    </message>
    <message>
        <source>Test results</source>
        <translation>테스트 결과</translation>
    </message>
    <message>
        <source>SQLite version</source>
        <translation>SQLite 버전</translation>
    </message>
    <message>
        <source>Directories</source>
        <translation>폴더</translation>
    </message>
    <message>
        <source>Disk space</source>
        <translation>디스크 공간</translation>
    </message>
    <message>
        <source>Databases</source>
        <translation>데이터베이스</translation>
    </message>
    <message>
        <source>Open files</source>
        <translation>열린 파일</translation>
    </message>
    <message>
        <source>Restore point</source>
        <translation>복원 지점</translation>
    </message>
    <message>
        <source>Allowed window</source>
        <translation>배포 허용 시간대</translation>
    </message>
    <message>
        <source>Way back</source>
        <translation>되돌릴 방법</translation>
    </message>
    <message>
        <source>Swap of the files</source>
        <translation>파일 교체</translation>
    </message>
    <message>
        <source>Trial of the way back</source>
        <translation>롤백 시험</translation>
    </message>
    <message>
        <source>Stop of the program</source>
        <translation>프로그램 종료</translation>
    </message>
    <message>
        <source>Start of the program</source>
        <translation>프로그램 시작</translation>
    </message>
    <message>
        <source>Deployment log</source>
        <translation>배포 기록 무결성</translation>
    </message>
    <message>
        <source>Deployment</source>
        <translation>배포</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>되돌리기</translation>
    </message>
    <message>
        <source>Rehearsal</source>
        <translation>예행</translation>
    </message>
    <message>
        <source>Recovery</source>
        <translation>복구</translation>
    </message>
    <message>
        <source>done</source>
        <translation>완료</translation>
    </message>
    <message>
        <source>undone, all as it was</source>
        <translation>취소됨, 모두 이전 상태</translation>
    </message>
    <message>
        <source>stopped before anything changed</source>
        <translation>변경 전에 중단됨</translation>
    </message>
    <message>
        <source>stuck: look at once</source>
        <translation>해결되지 않음: 즉시 확인 필요</translation>
    </message>
    <message>
        <source>files: {added} new, {changed} changed, {removed} gone</source>
        <translation>파일: 추가 {added}개, 변경 {changed}개, 삭제 {removed}개</translation>
    </message>
    <message>
        <source>packages: {names}</source>
        <translation>패키지: {names}</translation>
    </message>
    <message>
        <source>migrations: {count}</source>
        <translation>마이그레이션: {count}건</translation>
    </message>
    <message>
        <source>Open positions</source>
        <translation>미청산 포지션</translation>
    </message>
    <message>
        <source>Pending orders</source>
        <translation>미체결 주문</translation>
    </message>
    <message>
        <source>Volatility</source>
        <translation>변동성</translation>
    </message>
    <message>
        <source>What was deployed</source>
        <translation>배포 기록</translation>
    </message>
    <message>
        <source>Enter opens the report</source>
        <translation>Enter 키를 누르면 보고서가 열립니다</translation>
    </message>
    <message>
        <source>Nothing was deployed yet.</source>
        <translation>아직 배포한 기록이 없습니다.</translation>
    </message>
    <message>
        <source>{time} of downtime</source>
        <translation>중단 시간 {time}</translation>
    </message>
    <message>
        <source>The release is made in a folder of its own first. Then the program is asked to stop, the data is saved, release and data are switched, and the program is started and watched. If anything fails, both come back by themselves.</source>
        <translation>먼저 별도의 폴더에 릴리스를 준비합니다. 그다음 프로그램에 종료를 요청하고, 데이터를 저장하고, 릴리스와 데이터를 전환한 뒤 프로그램을 시작해 지켜봅니다. 실패하면 릴리스와 데이터가 모두 자동으로 이전 상태로 돌아옵니다.</translation>
    </message>
    <message>
        <source>Stop the program and deploy {version}</source>
        <translation>프로그램을 종료하고 {version} 릴리스 배포</translation>
    </message>
    <message>
        <source>Put {version} into production?</source>
        <translation>{version} 릴리스를 배포할까요?</translation>
    </message>
    <message>
        <source>Way back: {what}</source>
        <translation>되돌릴 곳: {what}</translation>
    </message>
    <message>
        <source>Back to {version}?</source>
        <translation>{version} 릴리스로 되돌릴까요?</translation>
    </message>
    <message>
        <source>Back to the program as it was before the first deployment?</source>
        <translation>첫 배포 이전의 프로그램으로 되돌릴까요?</translation>
    </message>
    <message>
        <source>Go back</source>
        <translation>되돌리기</translation>
    </message>
    <message>
        <source>{what}

Why go on? It is journalled.</source>
        <translation>{what}

그래도 진행하는 사유를 입력하세요. 사유는 기록에 남습니다.</translation>
    </message>
    <message>
        <source>&amp;Check again</source>
        <translation>다시 점검(&amp;C)</translation>
    </message>
    <message>
        <source>Go on &amp;although…</source>
        <translation>사유를 적고 진행(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Rehearse</source>
        <translation>예행(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Back to the former release…</source>
        <translation>이전 릴리스로 되돌리기(&amp;B)…</translation>
    </message>
    <message>
        <source>&amp;Deploy…</source>
        <translation>배포(&amp;D)…</translation>
    </message>
    <message>
        <source>No deployment is configured</source>
        <translation>배포가 설정되어 있지 않습니다</translation>
    </message>
    <message>
        <source>A release is deployed by what {path} says. A commented file to begin with changes nothing by itself.</source>
        <translation>다음 파일의 설정에 따라 릴리스를 배포합니다: {path}. 설명이 달린 기본 파일을 만들 수 있으며, 만드는 것만으로는 아무것도 변경되지 않습니다.</translation>
    </message>
    <message>
        <source>&amp;Make the commented file</source>
        <translation>설명이 달린 기본 파일 만들기(&amp;M)</translation>
    </message>
    <message>
        <source>Looking at everything…</source>
        <translation>점검하는 중…</translation>
    </message>
    <message>
        <source>{what} under way</source>
        <translation>{what} 진행 중</translation>
    </message>
    <message>
        <source>{version} may go into production</source>
        <translation>배포할 준비가 되었습니다: {version}</translation>
    </message>
    <message>
        <source>Not ready: {count} of {all} checks failed</source>
        <translation>배포할 수 없습니다: 점검 {all}건 중 {count}건 실패</translation>
    </message>
    <message>
        <source>In production: {version}</source>
        <translation>운영 중: {version}</translation>
    </message>
    <message>
        <source>No release was deployed yet</source>
        <translation>아직 배포한 릴리스가 없습니다</translation>
    </message>
    <message>
        <source>about {time} of downtime</source>
        <translation>예상 중단 시간 약 {time}</translation>
    </message>
    <message>
        <source>Release and data belong together.</source>
        <translation>릴리스와 데이터는 서로 짝이 맞습니다.</translation>
    </message>
    <message>
        <source>Look at its entry in the list on the right.</source>
        <translation>오른쪽 목록에서 해당 기록을 확인하세요.</translation>
    </message>
</context><context>
    <name>deployment</name>
    <message>
        <source>{path} cannot be used: {why}</source>
        <translation>파일을 사용할 수 없습니다: {path} ({why})</translation>
    </message>
    <message>
        <source>Reading it changed nothing.</source>
        <translation>읽기만 했으며 변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Put the file back from a copy, or deploy a release anew without it.</source>
        <translation>사본으로 파일을 되살리거나, 파일을 지우고 릴리스를 새로 배포하세요.</translation>
    </message>
    <message>
        <source>There is no folder {path}.</source>
        <translation>폴더가 없습니다: {path}</translation>
    </message>
    <message>
        <source>Copying {name}</source>
        <translation>{name} 복사 중</translation>
    </message>
    <message>
        <source>{path} changed while it was copied.</source>
        <translation>복사하는 동안 파일이 바뀌었습니다: {path}</translation>
    </message>
    <message>
        <source>{path} is no wheel and no sdist.</source>
        <translation>wheel이나 sdist 파일이 아닙니다: {path}</translation>
    </message>
    <message>
        <source>The name {path} cannot be part of a release.</source>
        <translation>릴리스에 쓸 수 없는 이름입니다: {path}</translation>
    </message>
    <message>
        <source>{path} is a link or no plain file.</source>
        <translation>링크이거나 일반 파일이 아닙니다: {path}</translation>
    </message>
    <message>
        <source>The release cannot be read: {why}</source>
        <translation>릴리스를 읽을 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>{path} is empty.</source>
        <translation>폴더가 비어 있습니다: {path}</translation>
    </message>
    <message>
        <source>The release says that it takes {size_bytes}; {path} has {free_bytes} free.</source>
        <translation>릴리스 크기가 {size_bytes}(으)로 표시되어 있는데 {path}의 여유 공간은 {free_bytes}입니다.</translation>
    </message>
    <message>
        <source>The tag {tag} holds another repository, {path}: its files would be missing.</source>
        <translation>태그 {tag}에 다른 저장소({path})가 들어 있어 그 파일이 빠지게 됩니다.</translation>
    </message>
    <message>
        <source>The tag {tag} cannot be unpacked: {why}</source>
        <translation>태그를 풀 수 없습니다: {tag} ({why})</translation>
    </message>
    <message>
        <source>git: {why}</source>
        <translation>git 오류: {why}</translation>
    </message>
    <message>
        <source>Nothing was touched: what ran, runs.</source>
        <translation>변경된 것은 없습니다. 실행 중이던 프로그램은 그대로 실행됩니다.</translation>
    </message>
    <message>
        <source>Correct the release or {file}, then try again.</source>
        <translation>릴리스나 설정 파일({file})을 고친 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>Nothing has to be done.</source>
        <translation>조치할 것이 없습니다.</translation>
    </message>
    <message>
        <source>Without a release it cannot be looked at.</source>
        <translation>릴리스가 없어 점검할 수 없습니다.</translation>
    </message>
    <message>
        <source>Its hash is {found}, and {wanted} is configured.</source>
        <translation>해시가 설정과 다릅니다. 실제 {found}, 설정 {wanted}.</translation>
    </message>
    <message>
        <source>Get the release again, or correct artefact.sha256.</source>
        <translation>릴리스를 다시 받거나 artefact.sha256을 고치세요.</translation>
    </message>
    <message>
        <source>{version}: {files} files, {size_bytes}, SHA-256 {digest}.</source>
        <translation>{version}: 파일 {files}개, {size_bytes}, SHA-256 {digest}.</translation>
    </message>
    <message>
        <source>Install that Python, or correct 'python'.</source>
        <translation>해당 Python을 설치하거나 'python' 설정을 고치세요.</translation>
    </message>
    <message>
        <source>Python {version} at {path}.</source>
        <translation>Python {version}, 위치: {path}.</translation>
    </message>
    <message>
        <source>Lock the requirements anew and fill the wheelhouse.</source>
        <translation>의존성을 다시 고정하고 wheelhouse를 채우세요.</translation>
    </message>
    <message>
        <source>The release asks for none.</source>
        <translation>릴리스에 필요한 의존성이 없습니다.</translation>
    </message>
    <message>
        <source>They cannot be resolved: {why}</source>
        <translation>의존성을 해결할 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>{count} pinned packages resolve and agree, by {tool}.</source>
        <translation>고정된 패키지 {count}개가 서로 충돌 없이 모두 해결됩니다({tool}).</translation>
    </message>
    <message>
        <source>'migrate' is set, and nobody here can migrate.</source>
        <translation>'migrate'가 설정되어 있지만 여기서는 마이그레이션할 수 없습니다.</translation>
    </message>
    <message>
        <source>Run it from the console's window or command line.</source>
        <translation>콘솔 창이나 명령줄에서 실행하세요.</translation>
    </message>
    <message>
        <source>Nobody here knows of migrations.</source>
        <translation>여기서는 마이그레이션 여부를 알 수 없습니다.</translation>
    </message>
    <message>
        <source>None is pending.</source>
        <translation>대기 중인 마이그레이션이 없습니다.</translation>
    </message>
    <message>
        <source>Part of this deployment: {names}.</source>
        <translation>이 배포에 포함: {names}.</translation>
    </message>
    <message>
        <source>Pending, and not part of this deployment: {names}.</source>
        <translation>대기 중이지만 이 배포에 포함되지 않음: {names}.</translation>
    </message>
    <message>
        <source>Run 'migrate run' first, or set 'migrate: true'.</source>
        <translation>먼저 'migrate run'을 실행하거나 'migrate: true'로 설정하세요.</translation>
    </message>
    <message>
        <source>No test results are configured.</source>
        <translation>테스트 결과가 설정되어 있지 않습니다.</translation>
    </message>
    <message>
        <source>Name a JUnit file in checks.junit.</source>
        <translation>checks.junit에 JUnit 파일을 지정하세요.</translation>
    </message>
    <message>
        <source>Run the tests of this release, and write their results.</source>
        <translation>이 릴리스의 테스트를 실행하고 결과를 저장하세요.</translation>
    </message>
    <message>
        <source>{path}: {tests} tests, {failures} failed, {skipped} skipped, of {when}.</source>
        <translation>{path}: 테스트 {tests}개, 실패 {failures}개, 건너뜀 {skipped}개, 실행 시각 {when}.</translation>
    </message>
    <message>
        <source>{evidence} That is older than {hours} hours.</source>
        <translation>{evidence} {hours}시간이 넘은 결과입니다.</translation>
    </message>
    <message>
        <source>{evidence} They do not name this release ({digest}).</source>
        <translation>{evidence} 이 릴리스({digest})의 결과가 아닙니다.</translation>
    </message>
    <message>
        <source>SQLite {version} is older than {wanted}.</source>
        <translation>SQLite {version}: 최소 버전 {wanted}보다 낮습니다.</translation>
    </message>
    <message>
        <source>Run the release on a newer Python.</source>
        <translation>더 새로운 Python으로 릴리스를 실행하세요.</translation>
    </message>
    <message>
        <source>SQLite {version} can lose committed data in WAL mode when two processes use a database at once.</source>
        <translation>SQLite {version}: WAL 모드에서 두 프로세스가 데이터베이스를 동시에 사용하면 커밋된 데이터가 사라질 수 있습니다.</translation>
    </message>
    <message>
        <source>Run the release on a Python with SQLite 3.51.3 or newer.</source>
        <translation>SQLite 3.51.3 이상이 포함된 Python으로 릴리스를 실행하세요.</translation>
    </message>
    <message>
        <source>SQLite {version}.</source>
        <translation>SQLite 버전 {version}.</translation>
    </message>
    <message>
        <source>'data' is {path}, and the guarded databases lie in {guarded}.</source>
        <translation>'data' 폴더와 보호 대상 데이터베이스의 폴더가 다릅니다. 'data': {path}, 데이터베이스: {guarded}.</translation>
    </message>
    <message>
        <source>Let both be the same folder: 'data', or 'files' of the console's own settings.</source>
        <translation>두 폴더를 같게 맞추세요. 'data'를 고치거나 콘솔 설정의 'files'를 고치면 됩니다.</translation>
    </message>
    <message>
        <source>'environment' sets {names}, and the guarded databases lie in {guarded}: the release would write where nobody saves it.</source>
        <translation>'environment'에 {names}이(가) 설정되어 있지만 보호 대상 데이터베이스는 {guarded}에 있습니다. 릴리스가 백업되지 않는 곳에 기록하게 됩니다.</translation>
    </message>
    <message>
        <source>Take it out of 'environment'.</source>
        <translation>'environment'에서 해당 항목을 지우세요.</translation>
    </message>
    <message>
        <source>Not permitted: {paths}.</source>
        <translation>쓰기 권한이 없음: {paths}.</translation>
    </message>
    <message>
        <source>Make these folders for this user, or choose others.</source>
        <translation>이 사용자로 폴더를 만들어 두거나 다른 폴더를 선택하세요.</translation>
    </message>
    <message>
        <source>{count} folders can be used; to be made: {paths}.</source>
        <translation>폴더 {count}개를 모두 사용할 수 있습니다. 새로 만들 폴더: {paths}.</translation>
    </message>
    <message>
        <source>{count} folders can be used.</source>
        <translation>폴더 {count}개를 모두 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>the release and its environment</source>
        <translation>릴리스와 실행 환경</translation>
    </message>
    <message>
        <source>The check '{name}' cannot be overridden so.</source>
        <translation>이렇게는 무시할 수 없는 점검입니다: '{name}'</translation>
    </message>
    <message>
        <source>Type a reason, for one of: {names}.</source>
        <translation>무시할 점검과 사유를 입력하세요. 가능한 점검: {names}.</translation>
    </message>
    <message>
        <source>Look at 'status', and roll back to a good restore point if one is damaged.</source>
        <translation>'status'를 확인하고, 손상된 데이터베이스가 있으면 정상 복원 지점으로 롤백하세요.</translation>
    </message>
    <message>
        <source>{name} is {condition}: {why}</source>
        <translation>{name} 상태: {condition} ({why})</translation>
    </message>
    <message>
        <source>All answer. Not read whole, because of their size or a lock: {names}.</source>
        <translation>모두 응답합니다. 크기나 잠금 때문에 전체를 읽지 않은 데이터베이스: {names}.</translation>
    </message>
    <message>
        <source>{count} databases are sound.</source>
        <translation>데이터베이스 {count}개가 모두 온전합니다.</translation>
    </message>
    <message>
        <source>No file could be swapped.</source>
        <translation>교체할 수 있는 파일이 없습니다.</translation>
    </message>
    <message>
        <source>Make one: 'backup create', then 'backup verify'.</source>
        <translation>'backup create'로 만든 뒤 'backup verify'로 검증하세요.</translation>
    </message>
    <message>
        <source>There is no good restore point.</source>
        <translation>정상인 복원 지점이 없습니다.</translation>
    </message>
    <message>
        <source>{id}, {hours} hours old, last verified {when}.</source>
        <translation>{id}, {hours}시간 전, 마지막 검증 {when}.</translation>
    </message>
    <message>
        <source>{id}, {minutes} minutes old, last verified {when}.</source>
        <translation>{id}, {minutes}분 전, 마지막 검증 {when}.</translation>
    </message>
    <message>
        <source>{id} is of {when}, which is yet to come: a clock was wrong.</source>
        <translation>{id}의 시각이 미래({when})입니다. 시계가 잘못되어 있었습니다.</translation>
    </message>
    <message>
        <source>Set the clock right, then make a new one: 'backup create'.</source>
        <translation>시계를 맞춘 뒤 'backup create'로 새로 만드세요.</translation>
    </message>
    <message>
        <source>It is {day} {time} in Korea; allowed: {days} {begin}–{end}.</source>
        <translation>한국 시각 {day} {time}, 허용 시간대: {days} {begin}–{end}.</translation>
    </message>
    <message>
        <source>every day</source>
        <translation>매일</translation>
    </message>
    <message>
        <source>Wait for that time.</source>
        <translation>허용된 시간대까지 기다리세요.</translation>
    </message>
    <message>
        <source>Mon</source>
        <translation>월</translation>
    </message>
    <message>
        <source>Tue</source>
        <translation>화</translation>
    </message>
    <message>
        <source>Wed</source>
        <translation>수</translation>
    </message>
    <message>
        <source>Thu</source>
        <translation>목</translation>
    </message>
    <message>
        <source>Fri</source>
        <translation>금</translation>
    </message>
    <message>
        <source>Sat</source>
        <translation>토</translation>
    </message>
    <message>
        <source>Sun</source>
        <translation>일</translation>
    </message>
    <message>
        <source>Release {version} with its data.</source>
        <translation>릴리스 {version} 및 그 데이터.</translation>
    </message>
    <message>
        <source>The program in {path} as it is now: this is the first deployment.</source>
        <translation>{path}의 현재 프로그램 (첫 배포)</translation>
    </message>
    <message>
        <source>Leave that folder as it is.</source>
        <translation>그 폴더를 그대로 두세요.</translation>
    </message>
    <message>
        <source>None, since this is the first deployment: if it fails, the data is as it was and no program runs.</source>
        <translation>없음 (첫 배포). 실패하면 데이터는 그대로지만 실행되는 프로그램이 없습니다.</translation>
    </message>
    <message>
        <source>Set program.start if there is a program that could be started.</source>
        <translation>시작할 수 있는 프로그램이 있으면 program.start를 설정하세요.</translation>
    </message>
    <message>
        <source>There is {path} already.</source>
        <translation>{path} 파일이 이미 있습니다.</translation>
    </message>
    <message>
        <source>Nothing was touched.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Edit it, or move it away first.</source>
        <translation>그 파일을 고치거나 먼저 다른 곳으로 옮기세요.</translation>
    </message>
    <message>
        <source>There is no {path}.</source>
        <translation>파일이 없습니다: {path}</translation>
    </message>
    <message>
        <source>Let 'deploy init' write a commented one, and say in it what is to be deployed.</source>
        <translation>'deploy init'으로 설명이 달린 파일을 만들고 배포할 대상을 적으세요.</translation>
    </message>
    <message>
        <source>There is no Python {wanted} here ({tried}).</source>
        <translation>Python {wanted} 버전을 찾지 못했습니다({tried}).</translation>
    </message>
    <message>
        <source>{path} cannot be read: {why}</source>
        <translation>파일을 읽을 수 없습니다: {path} ({why})</translation>
    </message>
    <message>
        <source>{path}: '{line}' is not pinned to a version and a hash.</source>
        <translation>{path}: 버전과 해시가 고정되지 않은 항목이 있습니다: '{line}'</translation>
    </message>
    <message>
        <source>{file} does not have the hash that is pinned for {name}.</source>
        <translation>{name}에 고정된 해시와 일치하지 않는 파일입니다: {file}</translation>
    </message>
    <message>
        <source>{name} is not in {path}.</source>
        <translation>{name} 패키지가 없습니다: {path}</translation>
    </message>
    <message>
        <source>Releases and data were not touched.</source>
        <translation>릴리스와 데이터는 그대로입니다.</translation>
    </message>
    <message>
        <source>Put the log back from a copy, or move {path} and {head} away to begin a new one.</source>
        <translation>사본에서 기록을 복원하세요. 새로 시작하려면 {path}와 {head}를 다른 곳으로 옮기세요.</translation>
    </message>
    <message>
        <source>The deployment log is damaged: it has {count} entries, and had {number}.</source>
        <translation>배포 기록이 손상되었습니다. {number}건이어야 하는데 {count}건만 있습니다.</translation>
    </message>
    <message>
        <source>The deployment log is damaged in line {number}: {why}.</source>
        <translation>배포 기록의 {number}번째 줄이 손상되었습니다: {why}.</translation>
    </message>
    <message>
        <source>It cannot be looked at: {why}</source>
        <translation>점검할 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>Remove the cause, then look again.</source>
        <translation>원인을 해결한 뒤 다시 점검하세요.</translation>
    </message>
    <message>
        <source>The deployment {id} was cut off.</source>
        <translation>도중에 중단된 배포가 있습니다: {id}.</translation>
    </message>
    <message>
        <source>Any changing command brings back the former state first; 'recover' does nothing else.</source>
        <translation>데이터를 변경하는 명령은 먼저 이전 상태로 되돌립니다. 되돌리기만 하려면 'recover'를 실행하세요.</translation>
    </message>
    <message>
        <source>The deployment log is whole: {count} entries.</source>
        <translation>배포 기록이 온전합니다: {count}건.</translation>
    </message>
    <message>
        <source>No deployment was cut off.</source>
        <translation>도중에 중단된 배포가 없습니다.</translation>
    </message>
    <message>
        <source>The deployment {id} was cut off after its program had been started; it runs well and stays.</source>
        <translation>새 프로그램을 시작한 뒤에 중단된 배포입니다: {id}. 정상적으로 실행 중이므로 그대로 유지합니다.</translation>
    </message>
    <message>
        <source>The deployment {id} was cut off; it was undone.</source>
        <translation>도중에 중단된 배포를 취소하고 이전 상태로 돌아왔습니다: {id}.</translation>
    </message>
    <message>
        <source>Copy the data</source>
        <translation>데이터 복사</translation>
    </message>
    <message>
        <source>The rehearsal failed: {why}</source>
        <translation>예행 실패: {why}</translation>
    </message>
    <message>
        <source>Nothing in production was touched.</source>
        <translation>운영 환경에서 변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>{path} has {free_bytes} free; {needed_bytes} are needed.</source>
        <translation>{path}: 남은 공간 {free_bytes}, 필요한 공간 {needed_bytes}.</translation>
    </message>
    <message>
        <source>Free some space, prune restore points, or lower free_mb.</source>
        <translation>여유 공간을 확보하거나, 복원 지점을 정리하거나, free_mb를 낮추세요.</translation>
    </message>
    <message>
        <source>The release changed since it was checked.</source>
        <translation>점검한 뒤에 릴리스가 바뀌었습니다.</translation>
    </message>
    <message>
        <source>Copy the release</source>
        <translation>릴리스 복사</translation>
    </message>
    <message>
        <source>Make its environment</source>
        <translation>실행 환경 구성</translation>
    </message>
    <message>
        <source>The release could not be made: {why}</source>
        <translation>릴리스를 만들지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>Remove the cause, then try again.</source>
        <translation>원인을 해결한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>Import it</source>
        <translation>모듈 불러오기 확인</translation>
    </message>
    <message>
        <source>Nothing is named that could be imported: set 'imports'.</source>
        <translation>불러올 모듈이 지정되지 않았습니다. 'imports'를 설정하세요.</translation>
    </message>
    <message>
        <source>Imported: {names}.</source>
        <translation>불러온 모듈: {names}.</translation>
    </message>
    <message>
        <source>Its data of {time} comes back with it; what was written since stays in a restore point.</source>
        <translation>{time}의 데이터도 함께 돌아오며, 그 뒤에 기록된 내용은 복원 지점에 남습니다.</translation>
    </message>
    <message>
        <source>There is nothing to go back to.</source>
        <translation>되돌아갈 배포가 없습니다.</translation>
    </message>
    <message>
        <source>There is no way back to {to}.</source>
        <translation>되돌아갈 수 없는 배포입니다: {to}</translation>
    </message>
    <message>
        <source>Choose one of: {names}.</source>
        <translation>다음 중에서 선택하세요: {names}.</translation>
    </message>
    <message>
        <source>Stage the data</source>
        <translation>데이터 준비</translation>
    </message>
    <message>
        <source>Swap in the data of {when}</source>
        <translation>{when}의 데이터로 교체</translation>
    </message>
    <message>
        <source>The operator cancelled it.</source>
        <translation>운영자가 취소했습니다.</translation>
    </message>
    <message>
        <source>An unexpected error: {why}</source>
        <translation>예기치 않은 오류: {why}</translation>
    </message>
    <message>
        <source>Look at everything</source>
        <translation>전체 점검</translation>
    </message>
    <message>
        <source>Make the folders</source>
        <translation>폴더 만들기</translation>
    </message>
    <message>
        <source>Look once more at the window</source>
        <translation>배포 조건 재확인</translation>
    </message>
    <message>
        <source>Watch the program</source>
        <translation>프로그램 관찰</translation>
    </message>
    <message>
        <source>The deployment was undone: {why}</source>
        <translation>배포를 취소하고 이전 상태로 돌아왔습니다: {why}</translation>
    </message>
    <message>
        <source>Check what was saved</source>
        <translation>저장한 데이터 검사</translation>
    </message>
    <message>
        <source>SQLite found errors in the data that was saved: {ids}.</source>
        <translation>저장한 데이터에서 SQLite가 오류를 찾았습니다: {ids}.</translation>
    </message>
    <message>
        <source>Go on although the check '{name}' failed</source>
        <translation>점검 '{name}' 실패를 감수하고 진행</translation>
    </message>
    <message>
        <source>{count} checks failed: {names}. {first}</source>
        <translation>점검 {count}개 실패: {names}. {first}</translation>
    </message>
    <message>
        <source>Look at 'deploy plan'.</source>
        <translation>'deploy plan'을 확인하세요.</translation>
    </message>
    <message>
        <source>Meanwhile it is not the time any more: {why}</source>
        <translation>그 사이 배포할 수 없는 상황이 되었습니다: {why}</translation>
    </message>
    <message>
        <source>Try again later.</source>
        <translation>나중에 다시 시도하세요.</translation>
    </message>
    <message>
        <source>Process and databases answer</source>
        <translation>프로세스와 데이터베이스 응답 확인</translation>
    </message>
    <message>
        <source>Process {pid}; {database} is the slowest, with {milliseconds} ms of {limit} allowed.</source>
        <translation>PID {pid}, 가장 느린 응답: {database} {milliseconds}ms(허용 {limit}ms).</translation>
    </message>
    <message>
        <source>Run the commands of the release</source>
        <translation>릴리스 확인 명령 실행</translation>
    </message>
    <message>
        <source>Look for new errors in its logs</source>
        <translation>로그의 새 오류 확인</translation>
    </message>
    <message>
        <source>New errors: {count}, in {files} logs.</source>
        <translation>로그 {files}개, 새 오류 {count}건.</translation>
    </message>
    <message>
        <source>'{command}' failed: {why}</source>
        <translation>'{command}' 실패: {why}</translation>
    </message>
    <message>
        <source>Watching the new program (seconds)</source>
        <translation>새 프로그램 관찰 중(초)</translation>
    </message>
    <message>
        <source>Watched for {seconds} seconds; new errors: {count}.</source>
        <translation>{seconds}초 동안 관찰, 새 오류 {count}건.</translation>
    </message>
    <message>
        <source>{database} takes {milliseconds} ms to answer; allowed are {limit} ms</source>
        <translation>{database} 응답 시간 {milliseconds}ms, 허용 {limit}ms</translation>
    </message>
    <message>
        <source>its logs tell of {count} new errors, the last: {line}</source>
        <translation>로그에 새 오류 {count}건, 마지막 오류: {line}</translation>
    </message>
    <message>
        <source>its process {pid} ended by itself</source>
        <translation>프로세스가 스스로 종료됨(PID {pid})</translation>
    </message>
    <message>
        <source>The new program does not run as it should: {why}.</source>
        <translation>새 프로그램이 정상적으로 실행되지 않습니다: {why}.</translation>
    </message>
    <message>
        <source>It was started, and may have written.</source>
        <translation>새 프로그램이 시작되었으며, 이미 데이터를 썼을 수 있습니다.</translation>
    </message>
    <message>
        <source>Read its logs, and correct the release.</source>
        <translation>로그를 확인하고 릴리스를 고치세요.</translation>
    </message>
    <message>
        <source>'{operation}' was cut off and cannot be undone: {why}</source>
        <translation>'{operation}' 작업이 중간에 끊겼고 되돌릴 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>Save the data</source>
        <translation>데이터 저장</translation>
    </message>
    <message>
        <source>Nobody wrote since it was saved.</source>
        <translation>저장한 뒤로 기록된 내용이 없습니다.</translation>
    </message>
    <message>
        <source>Switch to the other release</source>
        <translation>릴리스 전환</translation>
    </message>
    <message>
        <source>The former data is safe in restore point {id}. {state}</source>
        <translation>이전 데이터는 복원 지점 {id}에 안전하게 있습니다. {state}</translation>
    </message>
    <message>
        <source>{why} Going back failed too: {problem}</source>
        <translation>{why} 이전 상태로 되돌리지도 못했습니다: {problem}</translation>
    </message>
    <message>
        <source>Not only the trading program holds the databases: {who}.</source>
        <translation>거래 프로그램 외에 데이터베이스를 열고 있는 프로그램: {who}.</translation>
    </message>
    <message>
        <source>Close these programs.</source>
        <translation>해당 프로그램을 종료하세요.</translation>
    </message>
    <message>
        <source>Nobody holds the databases open.</source>
        <translation>데이터베이스를 열고 있는 프로그램이 없습니다.</translation>
    </message>
    <message>
        <source>The trading program holds them (process {pids}).</source>
        <translation>거래 프로그램이 데이터베이스를 열고 있습니다(PID {pids}).</translation>
    </message>
    <message>
        <source>Run the basic 7-rule strategy</source>
        <translation>기본 7규칙 전략 실행</translation>
    </message>
    <message>
        <source>No limit is configured.</source>
        <translation>설정된 한도가 없습니다.</translation>
    </message>
    <message>
        <source>The databases have no table of them.</source>
        <translation>데이터베이스에 해당 테이블이 없습니다.</translation>
    </message>
    <message>
        <source>Open: {count}; allowed: {limit}.</source>
        <translation>미결 {count}건, 허용 {limit}건.</translation>
    </message>
    <message>
        <source>Close them, or wait until the strategies have.</source>
        <translation>직접 정리하거나, 전략이 정리할 때까지 기다리세요.</translation>
    </message>
    <message>
        <source>Wait until the market is calm.</source>
        <translation>시장이 안정될 때까지 기다리세요.</translation>
    </message>
    <message>
        <source>{market} has no one-minute candle of the last {minutes} minutes: nobody knows.</source>
        <translation>{market}: 최근 {minutes}분의 1분 캔들이 없어 변동성을 알 수 없습니다.</translation>
    </message>
    <message>
        <source>Let the trading program collect candles first.</source>
        <translation>먼저 거래 프로그램이 캔들을 수집하게 하세요.</translation>
    </message>
    <message>
        <source>{market} moved by {percent} % within {minutes} minutes; allowed: {limit} %.</source>
        <translation>{market}: {minutes}분 동안 {percent}% 변동, 허용 {limit}%.</translation>
    </message>
    <message>
        <source>At most {percent} % within {minutes} minutes.</source>
        <translation>{minutes}분 동안 최대 변동 {percent}%.</translation>
    </message>
</context><context>
    <name>format</name>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds}초</translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <translation>{minutes}분 {seconds}초</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes}분</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours}시간 {minutes}분</translation>
    </message>
    <message>
        <source>{hours} h</source>
        <translation>{hours}시간</translation>
    </message>
    <message>
        <source>{days} d {hours} h</source>
        <translation>{days}일 {hours}시간</translation>
    </message>
    <message>
        <source>{days} d</source>
        <translation>{days}일</translation>
    </message>
</context><context>
    <name>health</name>
    <message>
        <source>CPU</source>
        <translation>CPU 사용률</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>메모리 사용률</translation>
    </message>
    <message>
        <source>Disk in use</source>
        <translation>디스크 사용률</translation>
    </message>
    <message>
        <source>Disk free</source>
        <translation>디스크 여유 공간</translation>
    </message>
    <message>
        <source>Disk reads</source>
        <translation>디스크 읽기</translation>
    </message>
    <message>
        <source>Disk writes</source>
        <translation>디스크 쓰기</translation>
    </message>
    <message>
        <source>Network in</source>
        <translation>네트워크 수신</translation>
    </message>
    <message>
        <source>Network out</source>
        <translation>네트워크 송신</translation>
    </message>
    <message>
        <source>Trading program runs</source>
        <translation>거래 프로그램 실행</translation>
    </message>
    <message>
        <source>not running</source>
        <translation>실행 중 아님</translation>
    </message>
    <message>
        <source>running</source>
        <translation>실행 중</translation>
    </message>
    <message>
        <source>Trading program's CPU</source>
        <translation>거래 프로그램 CPU</translation>
    </message>
    <message>
        <source>Trading program's memory</source>
        <translation>거래 프로그램 메모리</translation>
    </message>
    <message>
        <source>Trading program's threads</source>
        <translation>거래 프로그램 스레드</translation>
    </message>
    <message>
        <source>Trading program's open files</source>
        <translation>거래 프로그램이 연 파일</translation>
    </message>
    <message>
        <source>Trading program runs since</source>
        <translation>거래 프로그램 가동 시간</translation>
    </message>
    <message>
        <source>Restarts seen</source>
        <translation>재시작 횟수</translation>
    </message>
    <message>
        <source>Database answers</source>
        <translation>데이터베이스 응답</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>응답 없음</translation>
    </message>
    <message>
        <source>answers</source>
        <translation>정상 응답</translation>
    </message>
    <message>
        <source>Response time</source>
        <translation>응답 시간</translation>
    </message>
    <message>
        <source>File size</source>
        <translation>파일 크기</translation>
    </message>
    <message>
        <source>WAL size</source>
        <translation>WAL 크기</translation>
    </message>
    <message>
        <source>Growth</source>
        <translation>증가 속도</translation>
    </message>
    <message>
        <source>Checkpoint overdue</source>
        <translation>체크포인트 지연</translation>
    </message>
    <message>
        <source>Lock wait</source>
        <translation>잠금 대기</translation>
    </message>
    <message>
        <source>Other programs at the database</source>
        <translation>데이터베이스를 연 다른 프로그램</translation>
    </message>
    <message>
        <source>Errors in the logs</source>
        <translation>로그 오류</translation>
    </message>
    <message>
        <source>Good restore points</source>
        <translation>정상 복원 지점</translation>
    </message>
    <message>
        <source>Restore points from the future</source>
        <translation>미래 시각의 복원 지점</translation>
    </message>
    <message>
        <source>Age of the newest restore point</source>
        <translation>최신 복원 지점 경과 시간</translation>
    </message>
    <message>
        <source>Time since a restore drill</source>
        <translation>복원 훈련 경과 시간</translation>
    </message>
    <message>
        <source>Days until the disk is full</source>
        <translation>디스크 소진까지 남은 일수</translation>
    </message>
    <message>
        <source>Disk of the restore points in use</source>
        <translation>복원 지점 디스크 사용률</translation>
    </message>
    <message>
        <source>Free for restore points</source>
        <translation>복원 지점 여유 공간</translation>
    </message>
    <message>
        <source>Disk of a copy in use</source>
        <translation>사본 디스크 사용률</translation>
    </message>
    <message>
        <source>Free for a copy</source>
        <translation>사본 디스크 여유 공간</translation>
    </message>
    <message>
        <source>Duration of a tick</source>
        <translation>수집 소요 시간</translation>
    </message>
    <message>
        <source>Probes that are late</source>
        <translation>지연된 점검 항목</translation>
    </message>
    <message>
        <source>Ticks missed</source>
        <translation>수집 누락</translation>
    </message>
    <message>
        <source>Size of the history</source>
        <translation>상태 이력 크기</translation>
    </message>
    <message>
        <source>The history was damaged and begun anew; the damaged one is {file}.</source>
        <translation>상태 이력이 손상되어 새로 시작했습니다. 손상된 파일: {file}</translation>
    </message>
    <message>
        <source>There is no incident {number}.</source>
        <translation>{number}번 알림이 없습니다.</translation>
    </message>
    <message>
        <source>'alerts list' shows them with their numbers.</source>
        <translation>'alerts list'로 알림 번호를 확인하세요.</translation>
    </message>
    <message>
        <source>There is no alert rule '{rule}'.</source>
        <translation>알림 규칙이 없습니다: '{rule}'</translation>
    </message>
    <message>
        <source>The rules are: {rules}.</source>
        <translation>사용할 수 있는 규칙: {rules}.</translation>
    </message>
    <message>
        <source>That time has passed.</source>
        <translation>이미 지난 시각입니다.</translation>
    </message>
    <message>
        <source>Give a time that lies ahead.</source>
        <translation>현재 이후의 시각을 지정하세요.</translation>
    </message>
    <message>
        <source>'{rule}' has no incident that could be resolved.</source>
        <translation>'{rule}' 규칙에는 진행 중인 알림이 없어 해소될 때까지 음소거할 수 없습니다.</translation>
    </message>
    <message>
        <source>Give a time until which it is to be silent.</source>
        <translation>언제까지 음소거할지 시각을 지정하세요.</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>The processor is busy</source>
        <translation>CPU 사용률이 높음</translation>
    </message>
    <message>
        <source>Memory is running out</source>
        <translation>메모리 부족</translation>
    </message>
    <message>
        <source>The disk is almost full</source>
        <translation>디스크 공간 부족</translation>
    </message>
    <message>
        <source>A disk of the data is almost full</source>
        <translation>데이터 디스크 공간 부족</translation>
    </message>
    <message>
        <source>A database answers slowly</source>
        <translation>데이터베이스 응답 지연</translation>
    </message>
    <message>
        <source>A database cannot be read</source>
        <translation>데이터베이스 읽기 실패</translation>
    </message>
    <message>
        <source>The trading program is not running</source>
        <translation>거래 프로그램이 실행 중이 아님</translation>
    </message>
    <message>
        <source>Writers wait for each other</source>
        <translation>쓰기 잠금 대기 발생</translation>
    </message>
    <message>
        <source>A write-ahead log grew large</source>
        <translation>WAL 파일이 커짐</translation>
    </message>
    <message>
        <source>A checkpoint is overdue</source>
        <translation>체크포인트 지연</translation>
    </message>
    <message>
        <source>The trading program logs many errors</source>
        <translation>거래 프로그램 오류 로그 급증</translation>
    </message>
    <message>
        <source>There is no good restore point</source>
        <translation>정상인 복원 지점 없음</translation>
    </message>
    <message>
        <source>The newest restore point is old</source>
        <translation>최신 복원 지점이 오래됨</translation>
    </message>
    <message>
        <source>A restore point is dated in the future: a clock is or was wrong</source>
        <translation>복원 지점의 시각이 미래입니다. 시계가 틀렸거나 틀렸던 적이 있습니다</translation>
    </message>
    <message>
        <source>A restore drill is overdue</source>
        <translation>복원 훈련 기한 경과</translation>
    </message>
    <message>
        <source>The disk of the restore points is almost full</source>
        <translation>복원 지점 디스크가 거의 가득 참</translation>
    </message>
    <message>
        <source>The disk of a copy is almost full</source>
        <translation>사본 디스크가 거의 가득 참</translation>
    </message>
    <message>
        <source>The disk will soon be full</source>
        <translation>디스크 공간 소진 임박</translation>
    </message>
    <message>
        <source>{title}</source>
        <translation>{title}</translation>
    </message>
    <message>
        <source>Alert '{rule}'</source>
        <translation>알림 '{rule}'</translation>
    </message>
    <message>
        <source>{metric}</source>
        <translation>{metric}</translation>
    </message>
    <message>
        <source>{subject}: {metric}</source>
        <translation>{subject}: {metric}</translation>
    </message>
    <message>
        <source>{subject}: it does not answer.</source>
        <translation>{subject}: 응답하지 않습니다.</translation>
    </message>
    <message>
        <source>No process of it was found.</source>
        <translation>거래 프로그램의 프로세스를 찾지 못했습니다.</translation>
    </message>
    <message>
        <source>{subject}: {value}; the limit is {limit}.</source>
        <translation>{subject}: 현재 {value}, 기준 {limit}.</translation>
    </message>
    <message>
        <source>{value}; the limit is {limit}.</source>
        <translation>현재 {value}, 기준 {limit}.</translation>
    </message>
    <message>
        <source>{subject}: well again after {length}.</source>
        <translation>{subject}: {length} 만에 정상으로 돌아왔습니다.</translation>
    </message>
    <message>
        <source>Well again after {length}.</source>
        <translation>{length} 만에 정상으로 돌아왔습니다.</translation>
    </message>
    <message>
        <source>{subject}: well again after {length}; the worst was {worst}.</source>
        <translation>{subject}: {length} 만에 정상으로 돌아왔습니다. 가장 나빴던 값: {worst}.</translation>
    </message>
    <message>
        <source>Well again after {length}; the worst was {worst}.</source>
        <translation>{length} 만에 정상으로 돌아왔습니다. 가장 나빴던 값: {worst}.</translation>
    </message>
    <message>
        <source>The webhook did not take a notice: {why}</source>
        <translation>웹훅이 알림을 받지 않았습니다: {why}</translation>
    </message>
    <message>
        <source>Writing rows</source>
        <translation>행 쓰는 중</translation>
    </message>
    <message>
        <source>The end of the range lies before its beginning.</source>
        <translation>기간의 끝이 시작보다 앞섭니다.</translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation>저장된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Give a range that ends after it begins.</source>
        <translation>끝이 시작보다 뒤인 기간을 지정하세요.</translation>
    </message>
    <message>
        <source>The file cannot be written: {why}</source>
        <translation>파일을 쓸 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>The history is as it was.</source>
        <translation>상태 이력은 그대로입니다.</translation>
    </message>
    <message>
        <source>Choose another place.</source>
        <translation>다른 위치를 선택하세요.</translation>
    </message>
    <message>
        <source>The history cannot be written: {why}</source>
        <translation>상태 이력을 쓸 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>The file of the history was removed or replaced; it goes on anew.</source>
        <translation>상태 이력 파일이 삭제되거나 교체되어 새로 시작했습니다.</translation>
    </message>
    <message>
        <source>Port {port} of the exporter is not free: {why}</source>
        <translation>메트릭 내보내기 포트 {port}: 이미 사용 중입니다. {why}</translation>
    </message>
    <message>
        <source>Condition of {database}</source>
        <translation>{database} 상태</translation>
    </message>
    <message>
        <source>SQLite that last wrote {database}</source>
        <translation>{database}에 마지막으로 쓴 SQLite</translation>
    </message>
    <message>
        <source>Process that held the write lock</source>
        <translation>쓰기 잠금을 보유했던 프로세스</translation>
    </message>
    <message>
        <source>The file is missing or empty. Roll back to a restore point.</source>
        <translation>파일이 없거나 비어 있습니다. 복원 지점으로 롤백하세요.</translation>
    </message>
    <message>
        <source>Another process holds it locked: {detail}</source>
        <translation>다른 프로세스가 잠그고 있습니다: {detail}</translation>
    </message>
    <message>
        <source>The system refuses to read it: {detail}</source>
        <translation>운영 체제가 읽기를 거부합니다: {detail}</translation>
    </message>
    <message>
        <source>It is not a sound database. Roll back to a restore point. {detail}</source>
        <translation>온전한 데이터베이스가 아닙니다. 복원 지점으로 롤백하세요. {detail}</translation>
    </message>
    <message>
        <source>Place of the data</source>
        <translation>데이터 위치</translation>
    </message>
    <message>
        <source>On the disk {mount}</source>
        <translation>{mount} 디스크에 있는 것</translation>
    </message>
    <message>
        <source>The trading program started (process {pid}).</source>
        <translation>거래 프로그램이 시작되었습니다(PID {pid}).</translation>
    </message>
    <message>
        <source>The trading program ended (process {pid}).</source>
        <translation>거래 프로그램이 종료되었습니다(PID {pid}).</translation>
    </message>
    <message>
        <source>Process of the trading program</source>
        <translation>거래 프로그램 프로세스</translation>
    </message>
    <message>
        <source>Trading program started</source>
        <translation>거래 프로그램 시작 시각</translation>
    </message>
    <message>
        <source>SQLite of the trading program</source>
        <translation>거래 프로그램의 SQLite</translation>
    </message>
    <message>
        <source>SQLite {version} can lose committed data in WAL mode when two processes use a database at once. Install 3.51.3 or newer in the trading program.</source>
        <translation>SQLite {version}: WAL 모드에서 두 프로세스가 데이터베이스를 동시에 사용하면 커밋된 데이터가 사라질 수 있습니다. 거래 프로그램에 3.51.3 이상을 설치하세요.</translation>
    </message>
    <message>
        <source>Another program at the databases</source>
        <translation>데이터베이스를 연 다른 프로그램</translation>
    </message>
    <message>
        <source>{name} (process {pid}) holds a database open. Close it: a rollback cannot go on while it does.</source>
        <translation>데이터베이스를 열고 있는 프로그램: {name} (PID {pid}). 열려 있는 동안에는 롤백할 수 없으니 종료하세요.</translation>
    </message>
    <message>
        <source>The history cannot be read: {why}</source>
        <translation>상태 이력을 읽을 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>'{probe}' could not be looked at: {why}</source>
        <translation>'{probe}' 항목을 점검하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>The machine slept or stood still for {seconds} seconds.</source>
        <translation>컴퓨터가 {seconds}초 동안 절전 상태였거나 멈춰 있었습니다.</translation>
    </message>
    <message>
        <source>The machine's clock was set by {seconds} seconds.</source>
        <translation>시스템 시계가 {seconds}초 조정되었습니다.</translation>
    </message>
    <message>
        <source>'{probe}' has not answered for {seconds} seconds.</source>
        <translation>'{probe}' 항목이 {seconds}초 동안 응답하지 않았습니다.</translation>
    </message>
    <message>
        <source>{before} before, not known after</source>
        <translation>이전 {before}, 이후 알 수 없음</translation>
    </message>
    <message>
        <source>not known before, {after} after</source>
        <translation>이전 알 수 없음, 이후 {after}</translation>
    </message>
    <message>
        <source>{before} before, {after} after</source>
        <translation>이전 {before}, 이후 {after}</translation>
    </message>
    <message>
        <source>Too little was measured before or after to tell.</source>
        <translation>작업 전이나 후의 측정값이 부족해 판단할 수 없습니다.</translation>
    </message>
    <message>
        <source>Worse than before: {what} ({number} in all).</source>
        <translation>이전보다 나빠짐: {what} (총 {number}건).</translation>
    </message>
    <message>
        <source>Better than before: {what} ({number} in all).</source>
        <translation>이전보다 좋아짐: {what} (총 {number}건).</translation>
    </message>
    <message>
        <source>As before.</source>
        <translation>이전과 같음.</translation>
    </message>
    <message>
        <source>{metric}, {change}</source>
        <translation>{metric}, {change}</translation>
    </message>
    <message>
        <source>Watched since</source>
        <translation>관찰 시작</translation>
    </message>
    <message>
        <source>Active strategies</source>
        <translation>활성 전략</translation>
    </message>
    <message>
        <source>Age of the newest candle</source>
        <translation>최신 캔들 경과 시간</translation>
    </message>
    <message>
        <source>No new candles arrive</source>
        <translation>새 캔들 수신 중단</translation>
    </message>
    <message>
        <source>silenced</source>
        <translation>음소거됨</translation>
    </message>
    <message>
        <source>Since '{operation}' health is worse.</source>
        <translation>'{operation}' 이후 상태가 나빠졌습니다.</translation>
    </message>
    <message>
        <source>Silence until</source>
        <translation>음소거 종료 시각</translation>
    </message>
    <message>
        <source>Tell nothing of this alert until:</source>
        <translation>이 알림을 음소거할 종료 시각:</translation>
    </message>
    <message>
        <source>Silence</source>
        <translation>음소거</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>{at}, lasted {length}</source>
        <translation>{at} 시작, {length} 지속</translation>
    </message>
    <message>
        <source>going on, began {ago}</source>
        <translation>진행 중, {ago} 시작</translation>
    </message>
    <message>
        <source>going on, began {ago}, worst {worst}</source>
        <translation>진행 중, {ago} 시작, 최고 {worst}</translation>
    </message>
    <message>
        <source>acknowledged by {who}</source>
        <translation>{who} 확인함</translation>
    </message>
    <message>
        <source>worst {worst}; the limit is {limit}</source>
        <translation>최고 {worst}, 기준 {limit}</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>알림</translation>
    </message>
    <message>
        <source>No alert so far.</source>
        <translation>아직 알림이 없습니다.</translation>
    </message>
    <message>
        <source>Ac&amp;knowledge</source>
        <translation>확인(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Silence</source>
        <translation>음소거(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Tell again</source>
        <translation>음소거 해제(&amp;T)</translation>
    </message>
    <message>
        <source>Until it is resolved</source>
        <translation>해소될 때까지</translation>
    </message>
    <message>
        <source>For an hour</source>
        <translation>1시간 동안</translation>
    </message>
    <message>
        <source>For 8 hours</source>
        <translation>8시간 동안</translation>
    </message>
    <message>
        <source>Until tomorrow, {hour}:00</source>
        <translation>내일 {hour}:00까지</translation>
    </message>
    <message>
        <source>Until a time…</source>
        <translation>시각 지정…</translation>
    </message>
    <message>
        <source>Graphs</source>
        <translation>그래프</translation>
    </message>
    <message>
        <source>no data in this range</source>
        <translation>이 기간의 데이터 없음</translation>
    </message>
    <message>
        <source>min {least} · mean {mean} · max {most}</source>
        <translation>최소 {least} · 평균 {mean} · 최대 {most}</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>예</translation>
    </message>
    <message>
        <source>no</source>
        <translation>아니요</translation>
    </message>
    <message>
        <source>1 min</source>
        <translation>1분</translation>
    </message>
    <message>
        <source>15 min</source>
        <translation>15분</translation>
    </message>
    <message>
        <source>1 h</source>
        <translation>1시간</translation>
    </message>
    <message>
        <source>6 h</source>
        <translation>6시간</translation>
    </message>
    <message>
        <source>24 h</source>
        <translation>24시간</translation>
    </message>
    <message>
        <source>7 d</source>
        <translation>7일</translation>
    </message>
    <message>
        <source>30 d</source>
        <translation>30일</translation>
    </message>
    <message>
        <source>1 y</source>
        <translation>1년</translation>
    </message>
    <message>
        <source>The last {range}</source>
        <translation>최근 {range}</translation>
    </message>
    <message>
        <source>&amp;Live</source>
        <translation>실시간(&amp;L)</translation>
    </message>
    <message>
        <source>New values are drawn as they come. Press to pause (Space)</source>
        <translation>새 값을 바로 그립니다. 누르면 멈춥니다(Space)</translation>
    </message>
    <message>
        <source>Paused (&amp;L)</source>
        <translation>일시 정지(&amp;L)</translation>
    </message>
    <message>
        <source>The graphs stand still. Press to go back to now (End)</source>
        <translation>그래프가 멈춰 있습니다. 누르면 현재로 돌아갑니다(End)</translation>
    </message>
    <message>
        <source>Export CSV</source>
        <translation>CSV 내보내기</translation>
    </message>
    <message>
        <source>{rows} rows in {path}</source>
        <translation>{rows}행 저장: {path}</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation>이미지 저장</translation>
    </message>
    <message>
        <source>The picture is in {path}</source>
        <translation>이미지 저장: {path}</translation>
    </message>
    <message>
        <source>The picture cannot be written to {path}.</source>
        <translation>{path}에 이미지를 저장할 수 없습니다.</translation>
    </message>
    <message>
        <source>Save this graph as a picture…</source>
        <translation>이 그래프를 이미지로 저장…</translation>
    </message>
    <message>
        <source>Export these values as CSV…</source>
        <translation>이 값을 CSV로 내보내기…</translation>
    </message>
    <message>
        <source>Draw it small again</source>
        <translation>크게 보기 해제</translation>
    </message>
    <message>
        <source>Program started</source>
        <translation>프로그램 시작</translation>
    </message>
    <message>
        <source>Program ended</source>
        <translation>프로그램 종료</translation>
    </message>
    <message>
        <source>Clock set</source>
        <translation>시계 변경</translation>
    </message>
    <message>
        <source>Machine paused</source>
        <translation>시스템 멈춤</translation>
    </message>
    <message>
        <source>History begun anew</source>
        <translation>기록 새로 시작</translation>
    </message>
    <message>
        <source>Well</source>
        <translation>정상</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>경고</translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>심각</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>알 수 없음</translation>
    </message>
    <message>
        <source>See the way &amp;back</source>
        <translation>되돌릴 방법 보기(&amp;B)</translation>
    </message>
    <message>
        <source>Since '{operation}' health is worse; the console goes back by itself.</source>
        <translation>'{operation}' 이후 상태가 나빠져 콘솔이 자동으로 되돌립니다.</translation>
    </message>
    <message>
        <source>Export &amp;CSV…</source>
        <translation>CSV 내보내기(&amp;C)…</translation>
    </message>
    <message>
        <source>All values of the range that is seen</source>
        <translation>보이는 기간의 모든 값</translation>
    </message>
    <message>
        <source>Save p&amp;icture…</source>
        <translation>이미지 저장(&amp;I)…</translation>
    </message>
    <message>
        <source>All values</source>
        <translation>전체 항목</translation>
    </message>
    <message>
        <source>Health: {state}</source>
        <translation>상태: {state}</translation>
    </message>
    <message>
        <source>All graphs that are seen…</source>
        <translation>보이는 그래프 모두…</translation>
    </message>
    <message>
        <source>Click to draw it small again</source>
        <translation>누르면 크게 보기를 해제합니다</translation>
    </message>
    <message>
        <source>Click to draw it large</source>
        <translation>누르면 크게 봅니다</translation>
    </message>
</context><context>
    <name>lists</name>
    <message>
        <source>Copy</source>
        <translation>복사</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>필터</translation>
    </message>
    <message>
        <source>Nothing matches the filter.</source>
        <translation>필터와 일치하는 항목이 없습니다.</translation>
    </message>
    <message>
        <source>Filter (Esc shows all)</source>
        <translation>필터 (Esc: 전체 표시)</translation>
    </message>
</context><context>
    <name>manual</name>
    <message>
        <source>Search (Ctrl+F)</source>
        <translation>찾기(Ctrl+F)</translation>
    </message>
    <message>
        <source>Sections</source>
        <translation>목차</translation>
    </message>
    <message>
        <source>Operations manual</source>
        <translation>운영 매뉴얼</translation>
    </message>
</context><context>
    <name>migrating</name>
    <message>
        <source>What every row should become</source>
        <translation>행별 변환 결과 계산</translation>
    </message>
    <message>
        <source>Record counts</source>
        <translation>행 수</translation>
    </message>
    <message>
        <source>Integrity and the proof that nothing is lost</source>
        <translation>무결성 및 무손실 증명</translation>
    </message>
    <message>
        <source>Decisions of the strategies</source>
        <translation>전략의 판단</translation>
    </message>
    <message>
        <source>Typical queries</source>
        <translation>대표 쿼리</translation>
    </message>
    <message>
        <source>The row</source>
        <translation>행 내용</translation>
    </message>
    <message>
        <source>Decide about</source>
        <translation>결정 대상</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>역할</translation>
    </message>
    <message>
        <source>No role</source>
        <translation>역할 없음</translation>
    </message>
    <message>
        <source>Strategy</source>
        <translation>전략</translation>
    </message>
    <message>
        <source>&amp;Keep this decision</source>
        <translation>결정 저장(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Leave in review</source>
        <translation>검토에 남기기(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Withdraw the decision</source>
        <translation>결정 취소(&amp;W)</translation>
    </message>
    <message>
        <source>No strategy</source>
        <translation>전략 없음</translation>
    </message>
    <message>
        <source>No row is chosen</source>
        <translation>선택한 행이 없습니다</translation>
    </message>
    <message>
        <source>{count} rows are chosen</source>
        <translation>{count}개 행 선택됨</translation>
    </message>
    <message>
        <source>The chosen rows ({count})</source>
        <translation>선택한 행 ({count}개)</translation>
    </message>
    <message>
        <source>All of {table} ({count})</source>
        <translation>{table} 전체 ({count}개)</translation>
    </message>
    <message>
        <source>Neither a role nor a strategy mends this. Correct it in the program and rehearse again, or leave it: it is carried over whole.</source>
        <translation>역할이나 전략을 지정해도 해결되지 않습니다. 프로그램에서 고친 뒤 다시 예행하거나 그대로 남겨 두세요. 남겨 둔 행은 원본 그대로 보존됩니다.</translation>
    </message>
    <message>
        <source>Rows that need review</source>
        <translation>수동 검토가 필요한 행</translation>
    </message>
    <message>
        <source>Undecided only</source>
        <translation>미결정만</translation>
    </message>
    <message>
        <source>Search the rows (Ctrl+F)</source>
        <translation>행 검색 (Ctrl+F)</translation>
    </message>
    <message>
        <source>Search the rows</source>
        <translation>행 검색</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>테이블</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>사유</translation>
    </message>
    <message>
        <source>All tables</source>
        <translation>모든 테이블</translation>
    </message>
    <message>
        <source>All reasons</source>
        <translation>모든 사유</translation>
    </message>
    <message>
        <source>{chosen} chosen, {shown} of {total} rows shown</source>
        <translation>{chosen}개 선택, 전체 {total}개 중 {shown}개 표시</translation>
    </message>
    <message>
        <source>{chosen} chosen, {shown} shown; only the first {listed} of {total} rows are listed: decide about the whole table, then rehearse again.</source>
        <translation>{chosen}개 선택, {shown}개 표시. 전체 {total}개 중 처음 {listed}개만 나열됩니다. 테이블 전체에 대해 결정한 뒤 다시 예행하세요.</translation>
    </message>
    <message>
        <source>No program runs, so none is stopped.</source>
        <translation>실행 중인 프로그램이 없으므로 종료할 것이 없습니다.</translation>
    </message>
    <message>
        <source>The trading program (PID {pid}) is asked to stop, and started again afterwards.</source>
        <translation>거래 프로그램(PID {pid})에 종료를 요청하고, 마이그레이션이 끝나면 다시 시작합니다.</translation>
    </message>
    <message>
        <source>The present state is saved first. A fresh copy is migrated and proven; only then the files are swapped. If anything fails, the former state comes back by itself.</source>
        <translation>먼저 현재 상태를 저장합니다. 새로 만든 복사본을 마이그레이션하고 검증한 뒤에만 파일을 교체합니다. 실패하면 자동으로 이전 상태로 돌아옵니다.</translation>
    </message>
    <message>
        <source>Migrate the databases now?</source>
        <translation>지금 데이터베이스를 마이그레이션할까요?</translation>
    </message>
    <message>
        <source>Stop the program and migrate</source>
        <translation>프로그램을 종료하고 마이그레이션</translation>
    </message>
    <message>
        <source>{rows} rows written since then leave the live data and stay in a restore point of the present.</source>
        <translation>그 이후에 기록된 {rows}행은 운영 데이터에서 제거되지만, 현재 상태의 복원 지점에는 남습니다.</translation>
    </message>
    <message>
        <source>Nothing was written since then, so no row is lost.</source>
        <translation>그 이후에 기록된 행이 없으므로 잃는 행도 없습니다.</translation>
    </message>
    <message>
        <source>At most {rows} rows written since then leave the live data and stay in a restore point of the present. The scripts have changed, so rows that the migration wrote itself may be among them.</source>
        <translation>이후 기록된 최대 {rows}행이 운영 데이터에서 빠지고 현재 상태의 복원 지점에 남습니다. 스크립트가 바뀌어 마이그레이션이 직접 기록한 행도 포함되었을 수 있습니다.</translation>
    </message>
    <message>
        <source>Go back to before the migration?</source>
        <translation>마이그레이션 이전으로 되돌릴까요?</translation>
    </message>
    <message>
        <source>Go back</source>
        <translation>되돌리기</translation>
    </message>
    <message>
        <source>Export these rows first…</source>
        <translation>먼저 이 행 내보내기…</translation>
    </message>
    <message>
        <source>Look at what is to be done</source>
        <translation>할 일 확인</translation>
    </message>
    <message>
        <source>pending</source>
        <translation>대기 중</translation>
    </message>
    <message>
        <source>done</source>
        <translation>완료</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>실패</translation>
    </message>
    <message>
        <source>out of order</source>
        <translation>순서 어긋남</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>from a newer console</source>
        <translation>더 새로운 콘솔에서 실행</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>기준선</translation>
    </message>
    <message>
        <source>edited</source>
        <translation>수정됨</translation>
    </message>
    <message>
        <source>Preflight</source>
        <translation>사전 점검</translation>
    </message>
    <message>
        <source>Rehearsal</source>
        <translation>예행</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>검토</translation>
    </message>
    <message>
        <source>Execute</source>
        <translation>실행</translation>
    </message>
    <message>
        <source>Validate</source>
        <translation>검증</translation>
    </message>
    <message>
        <source>Cut-over</source>
        <translation>전환</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>보고서</translation>
    </message>
    <message>
        <source>What could stand in the way</source>
        <translation>걸림돌이 있는지 확인</translation>
    </message>
    <message>
        <source>All of it on a copy; the program runs on</source>
        <translation>복사본으로 전 과정 진행, 프로그램은 계속 실행</translation>
    </message>
    <message>
        <source>See what changes, and decide</source>
        <translation>변경 내용 확인 및 결정</translation>
    </message>
    <message>
        <source>Save, copy and migrate</source>
        <translation>저장, 복사, 마이그레이션</translation>
    </message>
    <message>
        <source>Prove that nothing is lost</source>
        <translation>손실이 없음을 증명</translation>
    </message>
    <message>
        <source>Swap the files, start, verify</source>
        <translation>파일 교체, 시작, 검증</translation>
    </message>
    <message>
        <source>Evidence, and the way back</source>
        <translation>검증 근거와 되돌릴 방법</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>진입</translation>
    </message>
    <message>
        <source>Exit</source>
        <translation>청산</translation>
    </message>
    <message>
        <source>Management</source>
        <translation>관리</translation>
    </message>
    <message>
        <source>stays in review</source>
        <translation>검토에 남김</translation>
    </message>
    <message>
        <source>✓ {decision} (whole table)</source>
        <translation>✓ {decision} (테이블 전체)</translation>
    </message>
    <message>
        <source>Python list to JSON</source>
        <translation>Python 목록을 JSON으로</translation>
    </message>
    <message>
        <source>float to decimal</source>
        <translation>float를 decimal로</translation>
    </message>
    <message>
        <source>Number spelt plainly</source>
        <translation>숫자 표기 정리</translation>
    </message>
    <message>
        <source>Taken over from the older table</source>
        <translation>이전 테이블에서 가져옴</translation>
    </message>
    <message>
        <source>Table made</source>
        <translation>테이블 생성</translation>
    </message>
    <message>
        <source>New</source>
        <translation>신규</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>변경</translation>
    </message>
    <message>
        <source>Gone</source>
        <translation>없어짐</translation>
    </message>
    <message>
        <source>Index</source>
        <translation>인덱스</translation>
    </message>
    <message>
        <source>View</source>
        <translation>뷰</translation>
    </message>
    <message>
        <source>SQL trigger</source>
        <translation>SQL 트리거</translation>
    </message>
    <message>
        <source>Not ready to migrate</source>
        <translation>아직 마이그레이션할 수 없습니다</translation>
    </message>
    <message>
        <source>Looking at everything…</source>
        <translation>점검하는 중…</translation>
    </message>
    <message>
        <source>There is nothing to migrate</source>
        <translation>마이그레이션할 것이 없습니다</translation>
    </message>
    <message>
        <source>Every script has run in these databases already, though no report of it is kept here. Nothing has to be done; 'migrate verify' checks that all is as it should be.</source>
        <translation>이 데이터베이스에는 모든 스크립트가 이미 적용되었지만, 그 보고서는 여기에 없습니다. 따로 할 일은 없으며, ‘migrate verify’ 명령으로 이상이 없는지 확인할 수 있습니다.</translation>
    </message>
    <message>
        <source>Nothing stands in the way</source>
        <translation>마이그레이션할 준비가 되었습니다</translation>
    </message>
    <message>
        <source>A rehearsal works on a copy, while the program runs on.</source>
        <translation>예행은 복사본으로 진행하며, 프로그램은 계속 실행됩니다.</translation>
    </message>
    <message>
        <source>Mend what is marked with a cross, then check again.</source>
        <translation>✗ 표시된 항목을 해결한 뒤 다시 점검하세요.</translation>
    </message>
    <message>
        <source>Rehearsing on a copy</source>
        <translation>복사본으로 예행하는 중</translation>
    </message>
    <message>
        <source>The program runs on; the live data is only read.</source>
        <translation>프로그램은 계속 실행되며, 운영 데이터는 읽기만 합니다.</translation>
    </message>
    <message>
        <source>The rehearsal was cancelled</source>
        <translation>예행을 취소했습니다</translation>
    </message>
    <message>
        <source>The live data was only read. Rehearse again whenever you like.</source>
        <translation>운영 데이터는 읽기만 했습니다. 언제든지 다시 예행할 수 있습니다.</translation>
    </message>
    <message>
        <source>The rehearsal failed</source>
        <translation>예행에 실패했습니다</translation>
    </message>
    <message>
        <source>The live data was only read. Check again, then rehearse again.</source>
        <translation>운영 데이터는 읽기만 했습니다. 다시 점검한 뒤 다시 예행하세요.</translation>
    </message>
    <message>
        <source>Decided, but not rehearsed yet</source>
        <translation>아직 예행하지 않은 결정이 있습니다</translation>
    </message>
    <message>
        <source>Only what was rehearsed is run. Rehearse again, or withdraw what was decided since.</source>
        <translation>예행한 내용만 실행할 수 있습니다. 다시 예행하거나, 예행 이후의 결정을 취소하세요.</translation>
    </message>
    <message>
        <source>The rehearsal found problems</source>
        <translation>예행에서 문제를 발견했습니다</translation>
    </message>
    <message>
        <source>Do not migrate. Mend what is named below, then rehearse again.</source>
        <translation>마이그레이션하지 마세요. 아래 문제를 해결한 뒤 다시 예행하세요.</translation>
    </message>
    <message>
        <source>Rehearsed in {time}</source>
        <translation>예행 완료, 소요 시간 {time}</translation>
    </message>
    <message>
        <source>The console was cut off after the files were swapped; the next start finished it.</source>
        <translation>파일을 교체한 뒤 콘솔이 중단되었고, 다음 실행에서 마무리했습니다.</translation>
    </message>
    <message>
        <source>Migrated</source>
        <translation>마이그레이션 완료</translation>
    </message>
    <message>
        <source>Migrated; {time} of downtime</source>
        <translation>마이그레이션 완료, 중단 시간 {time}</translation>
    </message>
    <message>
        <source>Migrating</source>
        <translation>마이그레이션하는 중</translation>
    </message>
    <message>
        <source>If anything fails, the former state comes back by itself.</source>
        <translation>실패하면 자동으로 이전 상태로 돌아옵니다.</translation>
    </message>
    <message>
        <source>The migration was cancelled</source>
        <translation>마이그레이션을 취소했습니다</translation>
    </message>
    <message>
        <source>The live data is as it was, and the program runs if it ran before. Check again to go on from there.</source>
        <translation>운영 데이터는 이전 그대로이며, 실행 중이던 프로그램은 계속 실행됩니다. 계속하려면 다시 점검하세요.</translation>
    </message>
    <message>
        <source>The migration failed</source>
        <translation>마이그레이션에 실패했습니다</translation>
    </message>
    <message>
        <source>Check again to see where everything stands, and go on.</source>
        <translation>다시 점검하면 현재 상태를 확인하고 이어서 진행할 수 있습니다.</translation>
    </message>
    <message>
        <source>Rehearse again before you migrate</source>
        <translation>마이그레이션 전에 다시 예행 필요</translation>
    </message>
    <message>
        <source>Stop the program and &amp;migrate</source>
        <translation>프로그램을 종료하고 마이그레이션(&amp;M)</translation>
    </message>
    <message>
        <source>{converted} rows converted, {review} to review, {settings} settings normalised</source>
        <translation>{converted}행 변환, 수동 검토 필요 {review}행, 설정 {settings}개 정규화</translation>
    </message>
    <message>
        <source>Map from old tables to new ones</source>
        <translation>이전 테이블과 새 테이블의 대응</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>데이터베이스</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>변경</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>종류</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>대상</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>위치</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>이전</translation>
    </message>
    <message>
        <source>After</source>
        <translation>이후</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>규칙</translation>
    </message>
    <message>
        <source>Changes of the schema</source>
        <translation>스키마 변경</translation>
    </message>
    <message>
        <source>Changes of settings</source>
        <translation>설정 변경</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>이동 경로</translation>
    </message>
    <message>
        <source>Schema ({n})</source>
        <translation>스키마 ({n})</translation>
    </message>
    <message>
        <source>Settings ({n})</source>
        <translation>설정 ({n})</translation>
    </message>
    <message>
        <source>Manual review ({n})</source>
        <translation>수동 검토 ({n})</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>이름</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>결정</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>뒤로(&amp;B)</translation>
    </message>
    <message>
        <source>Check a&amp;gain</source>
        <translation>다시 점검(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Rehearse on a copy</source>
        <translation>복사본으로 예행(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Open the report</source>
        <translation>보고서 열기(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Undo this migration…</source>
        <translation>이 마이그레이션 되돌리기(&amp;U)…</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>내보낼 위치</translation>
    </message>
    <message>
        <source>The last migration was cut off and has changed nothing: the former data is live and whole, and the program was started again if it had been stopped.</source>
        <translation>지난 마이그레이션이 중간에 끊겼지만 바뀐 것은 없습니다. 이전 데이터가 온전히 운영 중이며, 종료되었던 프로그램은 다시 시작되었습니다.</translation>
    </message>
    <message>
        <source>The last rehearsal was cut off. The live data was only read, and nothing of it is left over.</source>
        <translation>지난 예행이 중간에 끊겼습니다. 운영 데이터는 읽기만 했으며 남은 임시 파일도 없습니다.</translation>
    </message>
</context><context>
    <name>migration</name>
    <message>
        <source>it would delete rows of a table that is to stay</source>
        <translation>그대로 두어야 하는 테이블의 행을 삭제하려 함</translation>
    </message>
    <message>
        <source>it would change rows of a table that is to stay</source>
        <translation>그대로 두어야 하는 테이블의 행을 변경하려 함</translation>
    </message>
    <message>
        <source>it would drop a table that is to stay</source>
        <translation>그대로 두어야 하는 테이블을 제거하려 함</translation>
    </message>
    <message>
        <source>it would alter a table that is to stay</source>
        <translation>그대로 두어야 하는 테이블의 구조를 바꾸려 함</translation>
    </message>
    <message>
        <source>it would drop a view that is to stay</source>
        <translation>그대로 두어야 하는 뷰를 제거하려 함</translation>
    </message>
    <message>
        <source>Running {name}</source>
        <translation>{name} 실행 중</translation>
    </message>
    <message>
        <source>The script {name} would destroy data: it {what}.</source>
        <translation>스크립트 {name}: 실행하면 데이터가 손실됩니다({what}).</translation>
    </message>
    <message>
        <source>Do not run it; ask its author for one that keeps the data.</source>
        <translation>실행하지 말고, 데이터를 보존하는 스크립트를 작성자에게 요청하세요.</translation>
    </message>
    <message>
        <source>{what}: {table}</source>
        <translation>{what}: {table}</translation>
    </message>
    <message>
        <source>Gathering statistics</source>
        <translation>통계 수집 중</translation>
    </message>
    <message>
        <source>{count} rows of {table} refer to nothing in {parent}</source>
        <translation>{table}의 행 {count}개가 {parent}에 없는 행을 참조함</translation>
    </message>
    <message>
        <source>The migration of {database} failed: {why}</source>
        <translation>{database} 마이그레이션 실패: {why}</translation>
    </message>
    <message>
        <source>It ran on a copy, which was discarded; the live data was not touched.</source>
        <translation>복사본에서 실행했으며 복사본은 폐기했습니다. 운영 데이터는 그대로입니다.</translation>
    </message>
    <message>
        <source>Read the reason, remove the cause, then rehearse again.</source>
        <translation>이유를 확인하고 원인을 해결한 뒤 예행을 다시 실행하세요.</translation>
    </message>
    <message>
        <source>row {number} is missing</source>
        <translation>{number}번 행이 없음</translation>
    </message>
    <message>
        <source>row {number} ({name}) was changed</source>
        <translation>{number}번 행({name})이 변경됨</translation>
    </message>
    <message>
        <source>it would open another file: {file}</source>
        <translation>다른 파일을 열려고 합니다: {file}</translation>
    </message>
    <message>
        <source>it would close {database}</source>
        <translation>{database}을(를) 닫으려고 합니다</translation>
    </message>
    <message>
        <source>it would begin or end a transaction of its own</source>
        <translation>스스로 트랜잭션을 시작하거나 끝내려고 합니다</translation>
    </message>
    <message>
        <source>it would set or ask what no script may: PRAGMA {name}</source>
        <translation>스크립트가 쓸 수 없는 PRAGMA {name}을(를) 쓰려고 합니다</translation>
    </message>
    <message>
        <source>it calls a function that reaches outside: {name}</source>
        <translation>데이터베이스 밖에 손대는 함수를 부릅니다: {name}</translation>
    </message>
    <message>
        <source>it uses a module that reaches outside: {name}</source>
        <translation>데이터베이스 밖에 손대는 모듈을 씁니다: {name}</translation>
    </message>
    <message>
        <source>it would change {database}, which is not its own</source>
        <translation>자기 것이 아닌 {database}을(를) 바꾸려고 합니다</translation>
    </message>
    <message>
        <source>it would change what it is to verify</source>
        <translation>확인만 해야 하는 데이터를 바꾸려고 합니다</translation>
    </message>
    <message>
        <source>drops the table {table}</source>
        <translation>{table} 테이블 삭제</translation>
    </message>
    <message>
        <source>rebuilds {table}, from which rows of {child} are deleted in cascade</source>
        <translation>{table} 테이블을 다시 만들면서 {child} 테이블의 행까지 연쇄 삭제</translation>
    </message>
    <message>
        <source>deletes every row of {table}</source>
        <translation>{table} 테이블의 모든 행 삭제</translation>
    </message>
    <message>
        <source>takes the column {column} out of {table}</source>
        <translation>{table} 테이블에서 {column} 열 제거</translation>
    </message>
    <message>
        <source>changes {table}.{column} from {old} to {new}</source>
        <translation>{table}.{column} 형식 변경: {old} → {new}</translation>
    </message>
    <message>
        <source>forbids NULL in {table}.{column}</source>
        <translation>{table}.{column}에 NULL 금지</translation>
    </message>
    <message>
        <source>The migration history of {database} was tampered with: {why}.</source>
        <translation>{database}의 마이그레이션 이력이 변조되었습니다: {why}.</translation>
    </message>
    <message>
        <source>The text of {database} is kept in {encoding}; only UTF-8 can be migrated.</source>
        <translation>{database}의 텍스트가 {encoding}(으)로 저장되어 있습니다. UTF-8만 마이그레이션할 수 있습니다.</translation>
    </message>
    <message>
        <source>The script {name} was changed after it had run in {database}.</source>
        <translation>{database}에서 실행한 뒤에 바뀐 스크립트입니다: {name}</translation>
    </message>
    <message>
        <source>The script {name} failed in {database}.</source>
        <translation>{database}에서 실패한 스크립트입니다: {name}</translation>
    </message>
    <message>
        <source>The script {name} has not run in {database}, but a later one has.</source>
        <translation>{database}에서 실행되지 않았는데 이후 스크립트가 먼저 실행되었습니다: {name}</translation>
    </message>
    <message>
        <source>The script {name}, which ran in {database}, is missing.</source>
        <translation>{database}에서 실행한 스크립트 파일이 없어졌습니다: {name}</translation>
    </message>
    <message>
        <source>{database} was migrated by a newer console (script {name}).</source>
        <translation>{database}: 더 새로운 콘솔에서 마이그레이션한 데이터베이스입니다(스크립트 {name}).</translation>
    </message>
    <message>
        <source>Find out who changed it; then put it right, or accept it with 'migrate repair'.</source>
        <translation>누가 바꿨는지 확인한 뒤 바로잡거나, 'migrate repair'로 현재 상태를 받아들이세요.</translation>
    </message>
    <message>
        <source>Stop the program, write the database anew in UTF-8 (the sqlite3 shell: .dump into an empty one), then try again.</source>
        <translation>프로그램을 멈추고 데이터베이스를 UTF-8로 다시 만든 뒤(sqlite3 셸의 .dump를 빈 데이터베이스로), 다시 시도하세요.</translation>
    </message>
    <message>
        <source>Nothing was touched.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Go back to a restore point that was made before it.</source>
        <translation>그 이전에 만든 복원 지점으로 되돌아가세요.</translation>
    </message>
    <message>
        <source>{database} has a migration history already.</source>
        <translation>{database}: 이미 마이그레이션 이력이 있습니다.</translation>
    </message>
    <message>
        <source>A baseline is only for a database that was never migrated.</source>
        <translation>기준선은 마이그레이션한 적이 없는 데이터베이스에만 설정할 수 있습니다.</translation>
    </message>
    <message>
        <source>{place}: {why}</source>
        <translation>{place}: {why}</translation>
    </message>
    <message>
        <source>its name is not NNN_words.sql or NNN_words.py, in small letters</source>
        <translation>이름이 소문자로 된 NNN_words.sql이나 NNN_words.py 형식이 아닙니다</translation>
    </message>
    <message>
        <source>{other} has the same number</source>
        <translation>{other}와(과) 번호가 같음</translation>
    </message>
    <message>
        <source>it is not UTF-8</source>
        <translation>UTF-8 파일이 아님</translation>
    </message>
    <message>
        <source>it does not begin with '-- database: NAME'</source>
        <translation>'-- database: NAME'으로 시작하지 않음</translation>
    </message>
    <message>
        <source>its section '{section}' is missing or empty</source>
        <translation>'{section}' 구역이 없거나 비어 있음</translation>
    </message>
    <message>
        <source>it has two sections '{section}'</source>
        <translation>'{section}' 구역이 두 번 나옴</translation>
    </message>
    <message>
        <source>{script}, section '{section}', statement {number} in line {line}</source>
        <translation>{script}의 '{section}' 구역, {line}번째 줄의 {number}번째 구문</translation>
    </message>
    <message>
        <source>this does not hold: {check}</source>
        <translation>검사 조건을 만족하지 않음: {check}</translation>
    </message>
    <message>
        <source>{script}, function '{section}'</source>
        <translation>{script}의 '{section}' 함수</translation>
    </message>
    <message>
        <source>it cannot be loaded</source>
        <translation>불러올 수 없음</translation>
    </message>
    <message>
        <source>The migration script {name} is not sound: {why}.</source>
        <translation>마이그레이션 스크립트 {name}에 문제가 있습니다: {why}.</translation>
    </message>
    <message>
        <source>Put the script right, or install the console again.</source>
        <translation>스크립트를 바로잡거나 콘솔을 다시 설치하세요.</translation>
    </message>
    <message>
        <source>Comparing {name}</source>
        <translation>{name} 비교 중</translation>
    </message>
    <message>
        <source>Take in what was written since</source>
        <translation>그 사이에 기록된 내용 반영</translation>
    </message>
    <message>
        <source>Everything is migrated anew instead.</source>
        <translation>대신 전체를 다시 마이그레이션합니다.</translation>
    </message>
    <message>
        <source>Swap the files</source>
        <translation>파일 교체</translation>
    </message>
    <message>
        <source>Verify what is live</source>
        <translation>운영 데이터 검증</translation>
    </message>
    <message>
        <source>The migration was undone: {why}</source>
        <translation>마이그레이션을 취소하고 이전 상태로 돌아왔습니다: {why}</translation>
    </message>
    <message>
        <source>The new databases are in place.</source>
        <translation>새 데이터베이스가 적용되어 있습니다.</translation>
    </message>
    <message>
        <source>Look at the report, then rehearse again.</source>
        <translation>보고서를 확인한 뒤 예행을 다시 실행하세요.</translation>
    </message>
    <message>
        <source>There is no script {version}.</source>
        <translation>{version}번 스크립트가 없습니다.</translation>
    </message>
    <message>
        <source>Look at 'migrate status' for their numbers.</source>
        <translation>'migrate status'에서 번호를 확인하세요.</translation>
    </message>
    <message>
        <source>Write the history</source>
        <translation>마이그레이션 이력 기록</translation>
    </message>
    <message>
        <source>The script {name} has not run in {database}.</source>
        <translation>{database}에서 실행되지 않은 스크립트입니다: {name}</translation>
    </message>
    <message>
        <source>Not as it should be: {what}.</source>
        <translation>예상과 다름: {what}.</translation>
    </message>
    <message>
        <source>There is no report of a migration.</source>
        <translation>마이그레이션 보고서가 없습니다.</translation>
    </message>
    <message>
        <source>Migrate first.</source>
        <translation>먼저 마이그레이션을 실행하세요.</translation>
    </message>
    <message>
        <source>Databases to migrate: {names}.</source>
        <translation>마이그레이션할 데이터베이스: {names}.</translation>
    </message>
    <message>
        <source>None of the databases to migrate exists.</source>
        <translation>마이그레이션할 데이터베이스가 하나도 없습니다.</translation>
    </message>
    <message>
        <source>{count} scripts are to run.</source>
        <translation>실행할 스크립트: {count}개.</translation>
    </message>
    <message>
        <source>Everything is migrated already.</source>
        <translation>이미 모두 마이그레이션되었습니다.</translation>
    </message>
    <message>
        <source>About {needed_bytes} are needed, {free_bytes} are free.</source>
        <translation>필요한 공간: 약 {needed_bytes}, 남은 공간: {free_bytes}.</translation>
    </message>
    <message>
        <source>{name}: {condition}, {size_bytes}.</source>
        <translation>{name}: {condition}, {size_bytes}.</translation>
    </message>
    <message>
        <source>the copies of the migration</source>
        <translation>마이그레이션 사본</translation>
    </message>
    <message>
        <source>Console {console}, SQLite {version}, which writes numbers into JSON exactly since 3.54.</source>
        <translation>콘솔 {console}, SQLite {version}. SQLite는 3.54부터 JSON의 숫자를 정확하게 씁니다.</translation>
    </message>
    <message>
        <source>There is no restore point yet; one will be made first.</source>
        <translation>아직 복원 지점이 없어 먼저 만듭니다.</translation>
    </message>
    <message>
        <source>Newest restore point: {id}, of {when}.</source>
        <translation>최신 복원 지점: {id} ({when})</translation>
    </message>
    <message>
        <source>SQLite found damage: {what}</source>
        <translation>SQLite 무결성 검사에서 손상 발견: {what}</translation>
    </message>
    <message>
        <source>SQLite finds every page, row and index in order.</source>
        <translation>SQLite 무결성 검사: 모든 페이지, 행, 인덱스가 정상입니다.</translation>
    </message>
    <message>
        <source>The decisions in {path} are damaged.</source>
        <translation>검토 결정 파일이 손상되었습니다: {path}</translation>
    </message>
    <message>
        <source>Remove the file and decide again.</source>
        <translation>파일을 삭제하고 다시 결정하세요.</translation>
    </message>
    <message>
        <source>The record of the newest rehearsal cannot be used; rehearse again: {path}</source>
        <translation>최근 예행 기록을 사용할 수 없습니다. 다시 예행하세요: {path}</translation>
    </message>
    <message>
        <source>Decisions were made since the rehearsal.</source>
        <translation>예행 이후 검토 결정이 바뀌었습니다.</translation>
    </message>
    <message>
        <source>The scripts have changed since the rehearsal.</source>
        <translation>예행 이후 스크립트가 바뀌었습니다.</translation>
    </message>
    <message>
        <source>The tables have changed since the rehearsal.</source>
        <translation>예행 이후 테이블 구조가 바뀌었습니다.</translation>
    </message>
    <message>
        <source>Rows of the old tables came or went since the rehearsal.</source>
        <translation>예행 이후 이전 테이블의 행이 늘거나 줄었습니다.</translation>
    </message>
    <message>
        <source>Name them in ops_console.yaml.</source>
        <translation>ops_console.yaml에 데이터베이스를 지정하세요.</translation>
    </message>
    <message>
        <source>There is nothing to do.</source>
        <translation>할 일이 없습니다.</translation>
    </message>
    <message>
        <source>Not enough free space: about {needed_bytes} are needed, {free_bytes} are free.</source>
        <translation>여유 공간이 부족합니다. 필요한 공간: 약 {needed_bytes}, 남은 공간: {free_bytes}.</translation>
    </message>
    <message>
        <source>Free some space, then try again.</source>
        <translation>여유 공간을 확보한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>Copy the databases</source>
        <translation>데이터베이스 복사</translation>
    </message>
    <message>
        <source>Migrate the copies</source>
        <translation>복사본 마이그레이션</translation>
    </message>
    <message>
        <source>Validate the result</source>
        <translation>결과 검증</translation>
    </message>
    <message>
        <source>Compare before and after</source>
        <translation>전후 비교</translation>
    </message>
    <message>
        <source>Validation found {count} problems, the first: {what}</source>
        <translation>검증에서 문제 {count}건을 발견했습니다. 첫 번째: {what}</translation>
    </message>
    <message>
        <source>The live data was not touched.</source>
        <translation>운영 데이터는 그대로입니다.</translation>
    </message>
    <message>
        <source>Do not migrate; look at the evidence of a rehearsal.</source>
        <translation>마이그레이션하지 말고 예행의 검증 근거를 확인하세요.</translation>
    </message>
    <message>
        <source>a file that nobody seemed to write kept changing</source>
        <translation>쓰는 프로그램이 없어 보이는 파일이 복사하는 동안 계속 바뀜</translation>
    </message>
    <message>
        <source>Copying {name}</source>
        <translation>{name} 복사 중</translation>
    </message>
    <message>
        <source>{name} is no database that can be read</source>
        <translation>{name}: 읽을 수 있는 데이터베이스가 아님</translation>
    </message>
    <message>
        <source>The databases could not be copied: {why}</source>
        <translation>데이터베이스를 복사하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>The trading program's data was only read.</source>
        <translation>거래 프로그램의 데이터는 읽기만 했습니다.</translation>
    </message>
    <message>
        <source>Remove the cause, then try again.</source>
        <translation>원인을 해결한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>{name}: {what}</source>
        <translation>{name}: {what}</translation>
    </message>
    <message>
        <source>About {time} by the rehearsal, and the time that the program takes to stop and start, which was never measured here.</source>
        <translation>예행 기준 약 {time}에 프로그램 종료·시작 시간이 더해집니다. 종료·시작 시간은 이 환경에서 측정된 적이 없습니다.</translation>
    </message>
    <message>
        <source>About {time} by the rehearsal, of these {down} with the program down; {most} where the copies have to be made again because of rows written meanwhile.</source>
        <translation>예행 기준 예상 소요 시간은 약 {time}, 그중 프로그램 중단 시간은 {down}입니다. 그사이 기록된 행 때문에 복사본을 다시 만들면 {most}까지 늘어납니다.</translation>
    </message>
    <message>
        <source>a second</source>
        <translation>1초</translation>
    </message>
    <message>
        <source>{seconds} seconds</source>
        <translation>{seconds}초</translation>
    </message>
    <message>
        <source>{minutes} minutes</source>
        <translation>{minutes}분</translation>
    </message>
    <message>
        <source>The rows could not be exported: {why}</source>
        <translation>행을 내보내지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>The live data was only read.</source>
        <translation>운영 데이터는 읽기만 했습니다.</translation>
    </message>
    <message>
        <source>Look at the database in question first.</source>
        <translation>먼저 해당 데이터베이스를 확인하세요.</translation>
    </message>
    <message>
        <source>There is no migration to undo.</source>
        <translation>되돌릴 마이그레이션이 없습니다.</translation>
    </message>
    <message>
        <source>Choose a restore point to go back to instead.</source>
        <translation>대신 되돌아갈 복원 지점을 선택하세요.</translation>
    </message>
    <message>
        <source>The newest migration was undone already.</source>
        <translation>최신 마이그레이션은 이미 되돌렸습니다.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The basic 7-rule strategy decided nothing.</source>
        <translation>기본 7규칙 전략이 아무 판단도 내리지 않았습니다.</translation>
    </message>
    <message>
        <source>It ran on a copy.</source>
        <translation>복사본에서 실행했습니다.</translation>
    </message>
    <message>
        <source>Do not trade with this release.</source>
        <translation>이 릴리스로 거래하지 마세요.</translation>
    </message>
    <message>
        <source>The basic 7-rule strategy ran over {series} series and decided {count} times.</source>
        <translation>기본 7규칙 전략을 캔들 시리즈 {series}개로 실행해 {count}회 판단했습니다.</translation>
    </message>
    <message>
        <source>{count} versions of strategies were changed</source>
        <translation>전략 버전 {count}개가 변경됨</translation>
    </message>
    <message>
        <source>Open positions in the data: {count}.</source>
        <translation>데이터에 남아 있는 미청산 포지션: {count}개.</translation>
    </message>
    <message>
        <source>The data shows no open position.</source>
        <translation>데이터에 남아 있는 미청산 포지션이 없습니다.</translation>
    </message>
    <message>
        <source>It holds bytes where a text was expected</source>
        <translation>텍스트 자리에 바이너리 값이 있음</translation>
    </message>
    <message>
        <source>The same strategy stands in another table already</source>
        <translation>같은 전략이 다른 테이블에 이미 있음</translation>
    </message>
    <message>
        <source>Another strategy has its id already</source>
        <translation>다른 전략이 같은 ID를 이미 사용함</translation>
    </message>
    <message>
        <source>Its JSON cannot be read</source>
        <translation>JSON을 읽을 수 없음</translation>
    </message>
    <message>
        <source>The condition that it names does not exist</source>
        <translation>가리키는 조건이 없음</translation>
    </message>
    <message>
        <source>It has no id</source>
        <translation>ID가 없음</translation>
    </message>
    <message>
        <source>It has no name</source>
        <translation>이름이 없음</translation>
    </message>
    <message>
        <source>It has no operator to compare with</source>
        <translation>비교 연산자가 없음</translation>
    </message>
    <message>
        <source>It has no role: entry, exit or management</source>
        <translation>역할(진입, 청산, 관리)이 없음</translation>
    </message>
    <message>
        <source>It belongs to no strategy</source>
        <translation>속한 전략이 없음</translation>
    </message>
    <message>
        <source>It names no variable</source>
        <translation>변수가 지정되지 않음</translation>
    </message>
    <message>
        <source>It says nothing of its condition</source>
        <translation>조건 내용이 비어 있음</translation>
    </message>
    <message>
        <source>It is no rule that is known</source>
        <translation>알 수 없는 규칙</translation>
    </message>
    <message>
        <source>The strategy has this condition already</source>
        <translation>전략에 이미 이 조건이 있습니다</translation>
    </message>
    <message>
        <source>It holds text that cannot be decoded</source>
        <translation>해석할 수 없는 문자가 있음</translation>
    </message>
    <message>
        <source>it should be a number and is none</source>
        <translation>숫자여야 하는데 숫자가 아님</translation>
    </message>
    <message>
        <source>it should be JSON and is none</source>
        <translation>JSON이어야 하는데 JSON이 아님</translation>
    </message>
    <message>
        <source>the table has other columns than expected</source>
        <translation>테이블의 열 구성이 예상과 다름</translation>
    </message>
    <message>
        <source>today's table has another value, which stays</source>
        <translation>현재 테이블의 값이 달라 현재 값을 유지함</translation>
    </message>
    <message>
        <source>{place}, row {row}: {why}</source>
        <translation>{place} {row}행: {why}</translation>
    </message>
    <message>
        <source>{count} strategies are not whole</source>
        <translation>온전하지 않은 전략 {count}개</translation>
    </message>
    <message>
        <source>{count} links lead nowhere</source>
        <translation>연결할 대상이 없는 링크 {count}개</translation>
    </message>
    <message>
        <source>{count} strategies have no version</source>
        <translation>버전이 없는 전략 {count}개</translation>
    </message>
    <message>
        <source>{count} changes of settings changed nothing</source>
        <translation>바뀐 내용이 없는 설정 변경 {count}건</translation>
    </message>
    <message>
        <source>it is a log of what happened</source>
        <translation>일어난 일을 적은 기록입니다</translation>
    </message>
    <message>
        <source>its ids repeat</source>
        <translation>같은 ID가 여러 번 나옵니다</translation>
    </message>
    <message>
        <source>it does not link each condition once</source>
        <translation>조건을 한 번씩만 잇지 않습니다</translation>
    </message>
    <message>
        <source>{database}.{table} has the columns of a table to convert, but {why}; it stays as it is.</source>
        <translation>{database}.{table}에는 변환할 테이블의 열이 있지만 변환하지 않고 그대로 둡니다. 이유: {why}.</translation>
    </message>
    <message>
        <source>Converting {table}</source>
        <translation>{table} 변환 중</translation>
    </message>
    <message>
        <source>Making triggers</source>
        <translation>트리거 만드는 중</translation>
    </message>
    <message>
        <source>Normalising settings</source>
        <translation>설정 정규화 중</translation>
    </message>
    <message>
        <source>Keeping the first versions</source>
        <translation>최초 버전 보존 중</translation>
    </message>
    <message>
        <source>The strategy {id} has not the same rules, each once.</source>
        <translation>전략 {id}의 규칙이 전과 같지 않거나 겹칩니다.</translation>
    </message>
    <message>
        <source>The strategy {id} decides otherwise than before, first at tick {tick} of {candles}.</source>
        <translation>전략 {id}: 판단이 이전과 다릅니다. 처음 달라진 지점: {candles}의 틱 {tick}.</translation>
    </message>
    <message>
        <source>The basic 7-rule strategy cannot be kept in the new schema: {why}</source>
        <translation>기본 7규칙 전략을 새 스키마에 저장할 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>The basic 7-rule strategy did not come back as it was made.</source>
        <translation>기본 7규칙 전략이 저장한 내용 그대로 읽히지 않았습니다.</translation>
    </message>
    <message>
        <source>list of strategies</source>
        <translation>전략 목록</translation>
    </message>
    <message>
        <source>one strategy</source>
        <translation>전략 하나</translation>
    </message>
    <message>
        <source>its configuration</source>
        <translation>전략 설정</translation>
    </message>
    <message>
        <source>its triggers</source>
        <translation>전략의 트리거</translation>
    </message>
    <message>
        <source>entry triggers</source>
        <translation>진입 트리거</translation>
    </message>
    <message>
        <source>its newest version</source>
        <translation>전략의 최신 버전</translation>
    </message>
    <message>
        <source>what needs review</source>
        <translation>검토할 항목</translation>
    </message>
    <message>
        <source>The query '{name}' takes {ms} ms.</source>
        <translation>쿼리 '{name}' 소요 시간: {ms}ms.</translation>
    </message>
    <message>
        <source>first rows of {table}</source>
        <translation>{table}의 첫 행들</translation>
    </message>
    <message>
        <source>newest row of {table}</source>
        <translation>{table}의 최신 행</translation>
    </message>
    <message>
        <source>columns {names}</source>
        <translation>일치하지 않는 열: {names}</translation>
    </message>
    <message>
        <source>of {rows} rows {equal} came back</source>
        <translation>{rows}행 중 {equal}행만 일치</translation>
    </message>
    <message>
        <source>Not every row of {database}.{table} can be turned back: {why}.</source>
        <translation>{database}.{table}: 원래대로 되돌릴 수 없는 행이 있습니다. {why}.</translation>
    </message>
    <message>
        <source>The strategy {id} had {before} rules and has {after}.</source>
        <translation>전략 {id}의 규칙은 {before}개였는데 지금은 {after}개입니다.</translation>
    </message>
    <message>
        <source>The strategy {id} fires the condition {condition} {count} times.</source>
        <translation>전략 {id}에서 조건 {condition}이(가) {count}번 실행됩니다.</translation>
    </message>
    <message>
        <source>Of {rows} rows of {table} {converted} were converted, {review} need review.</source>
        <translation>{table}: 행 수가 맞지 않습니다. 전체 {rows}행, 변환 {converted}행, 수동 검토 필요 {review}행.</translation>
    </message>
    <message>
        <source>{database} is damaged: {why}</source>
        <translation>{database} 손상: {why}</translation>
    </message>
    <message>
        <source>{count} rows of {database} refer to nothing.</source>
        <translation>{database}: 없는 행을 참조하는 행이 {count}개 있습니다.</translation>
    </message>
    <message>
        <source>{what} of {database} is not as it was.</source>
        <translation>{database}: 바뀌면 안 되는 항목이 바뀌었습니다({what}).</translation>
    </message>
    <message>
        <source>{what} of {database} is not as it should be.</source>
        <translation>{database}: 예상과 다른 항목이 있습니다({what}).</translation>
    </message>
    <message>
        <source>The changes of {table} cannot be taken back exactly.</source>
        <translation>{table}: 변경 내용을 정확히 되돌릴 수 없습니다.</translation>
    </message>
    <message>
        <source>The settings of the file of {database} changed.</source>
        <translation>{database}: 데이터베이스 파일 설정이 바뀌었습니다.</translation>
    </message>
    <message>
        <source>{count} values of {table}.{column} are not JSON.</source>
        <translation>{table}.{column}: JSON이 아닌 값이 {count}개 있습니다.</translation>
    </message>
    <message>
        <source>{name} is not in the history of {database}.</source>
        <translation>{database}: 이력에 없는 스크립트가 있습니다({name}).</translation>
    </message>
    <message>
        <source>The table {table} of {database} is not as it was.</source>
        <translation>{database}: 바뀌면 안 되는 테이블이 바뀌었습니다({table}).</translation>
    </message>
    <message>
        <source>The table {table} of {database} is not what a second run makes.</source>
        <translation>{database}: 다시 실행한 결과와 다른 테이블이 있습니다({table}).</translation>
    </message>
    <message>
        <source>{table} of {database} has {found} rows instead of {wanted}.</source>
        <translation>{database}.{table}: 행 수가 다릅니다. 예상 {wanted}행, 실제 {found}행.</translation>
    </message>
    <message>
        <source>Validating: {what}</source>
        <translation>검증 중: {what}</translation>
    </message>
    <message>
        <source>Save the present</source>
        <translation>현재 상태 저장</translation>
    </message>
    <message>
        <source>Keep what was replaced</source>
        <translation>교체된 파일을 복원 지점으로 저장</translation>
    </message>
</context><context>
    <name>operation</name>
    <message>
        <source>{time} left</source>
        <translation>{time} 남음</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>준비됨</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>진행률</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation>취소하는 중…</translation>
    </message>
</context><context>
    <name>operations</name>
    <message>
        <source>Backup</source>
        <translation>백업</translation>
    </message>
    <message>
        <source>Verification</source>
        <translation>검증</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>내보내기</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>가져오기</translation>
    </message>
    <message>
        <source>Pin or note</source>
        <translation>고정·메모</translation>
    </message>
    <message>
        <source>Copy to or from another disk</source>
        <translation>저장소 사본</translation>
    </message>
    <message>
        <source>Pruning</source>
        <translation>정리</translation>
    </message>
    <message>
        <source>Deletion</source>
        <translation>삭제</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation>비교</translation>
    </message>
    <message>
        <source>Rollback</source>
        <translation>롤백</translation>
    </message>
    <message>
        <source>Recovery</source>
        <translation>복구</translation>
    </message>
    <message>
        <source>Rehearsal of the migration</source>
        <translation>마이그레이션 예행</translation>
    </message>
    <message>
        <source>Migration</source>
        <translation>마이그레이션</translation>
    </message>
    <message>
        <source>Undoing the migration</source>
        <translation>마이그레이션 되돌리기</translation>
    </message>
    <message>
        <source>Repair of the history</source>
        <translation>이력 바로잡기</translation>
    </message>
    <message>
        <source>Baseline of the history</source>
        <translation>이력 기준선 설정</translation>
    </message>
    <message>
        <source>Deployment configuration</source>
        <translation>배포 설정</translation>
    </message>
    <message>
        <source>Rehearsal of the deployment</source>
        <translation>배포 예행</translation>
    </message>
    <message>
        <source>Deployment</source>
        <translation>배포</translation>
    </message>
    <message>
        <source>Return to the former release</source>
        <translation>이전 릴리스로 되돌리기</translation>
    </message>
    <message>
        <source>Program start</source>
        <translation>프로그램 시작</translation>
    </message>
    <message>
        <source>Program stop</source>
        <translation>프로그램 종료</translation>
    </message>
    <message>
        <source>Program restart</source>
        <translation>프로그램 다시 시작</translation>
    </message>
    <message>
        <source>Supervision of the program</source>
        <translation>프로그램 감독</translation>
    </message>
    <message>
        <source>Installation of the supervisor</source>
        <translation>감독 프로세스 설치</translation>
    </message>
    <message>
        <source>Removal of the supervisor</source>
        <translation>감독 프로세스 제거</translation>
    </message>
    <message>
        <source>running</source>
        <translation>진행 중</translation>
    </message>
    <message>
        <source>done</source>
        <translation>완료</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>실패</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>취소됨</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>중단됨</translation>
    </message>
</context><context>
    <name>palette</name>
    <message>
        <source>Open the tab {name}</source>
        <translation>{name} 탭 열기</translation>
    </message>
    <message>
        <source>every list</source>
        <translation>모든 목록</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>필터</translation>
    </message>
    <message>
        <source>What do you want to do? Type a part of its name</source>
        <translation>무엇을 할까요? 이름 일부를 입력하세요</translation>
    </message>
    <message>
        <source>Nothing has this name.</source>
        <translation>일치하는 항목이 없습니다.</translation>
    </message>
    <message>
        <source>Find an action</source>
        <translation>작업 찾기</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>단축키</translation>
    </message>
    <message>
        <source>Go back to {time} ({reason})…</source>
        <translation>{time} 상태로 롤백 ({reason})…</translation>
    </message>
</context><context>
    <name>placement</name>
    <message>
        <source>The data lies on a network disk ({by}), where SQLite's locks are not to be relied on: a database can break. Move it to a disk of this machine.</source>
        <translation>데이터가 네트워크 디스크({by})에 있습니다. 그곳에서는 SQLite의 잠금을 믿을 수 없어 데이터베이스가 손상될 수 있습니다. 이 컴퓨터의 디스크로 옮기십시오.</translation>
    </message>
    <message>
        <source>The data lies in a folder that a program syncs ({by}): it can hold, replace or mix files of a database. Move it out of that folder, or exclude it from syncing.</source>
        <translation>데이터가 동기화 폴더({by})에 있습니다. 동기화 프로그램이 데이터베이스 파일을 붙잡거나 바꾸거나 뒤섞을 수 있습니다. 폴더 밖으로 옮기거나 동기화에서 제외하십시오.</translation>
    </message>
</context><context>
    <name>points</name>
    <message>
        <source>Manual</source>
        <translation>수동</translation>
    </message>
    <message>
        <source>Scheduled</source>
        <translation>예약</translation>
    </message>
    <message>
        <source>Before migration</source>
        <translation>마이그레이션 전</translation>
    </message>
    <message>
        <source>Before rollback</source>
        <translation>롤백 전</translation>
    </message>
    <message>
        <source>Before deployment</source>
        <translation>배포 전</translation>
    </message>
    <message>
        <source>Imported</source>
        <translation>가져옴</translation>
    </message>
    <message>
        <source>{month}/{day} {time}</source>
        <translation>{month}월 {day}일 {time}</translation>
    </message>
    <message>
        <source>{duration} ahead of the clock</source>
        <translation>현재 시각보다 {duration} 뒤</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>방금</translation>
    </message>
    <message>
        <source>{duration} ago</source>
        <translation>{duration} 전</translation>
    </message>
    <message>
        <source>Dated in the future: {count} restore points. A clock was wrong then, or is wrong now; what was made last still counts as the newest.</source>
        <translation>시각이 미래인 복원 지점 {count}개. 만들 때의 시계나 지금 시계가 틀렸습니다. 마지막에 만든 것을 여전히 최신으로 봅니다.</translation>
    </message>
    <message>
        <source>Saved; SQLite has not checked it yet</source>
        <translation>저장됨. 아직 SQLite 검사 전입니다</translation>
    </message>
    <message>
        <source>Damaged: SQLite found errors in it</source>
        <translation>손상됨: SQLite 검사에서 오류 발견</translation>
    </message>
    <message>
        <source>Damaged: its last verification failed</source>
        <translation>손상됨: 마지막 검증 실패</translation>
    </message>
    <message>
        <source>Good: restored in a drill on {at}</source>
        <translation>정상: {at} 복원 훈련 통과</translation>
    </message>
    <message>
        <source>Good: stored bytes checked on {at}</source>
        <translation>정상: {at} 저장 데이터 검사 통과</translation>
    </message>
    <message>
        <source>Good: verified when it was made</source>
        <translation>정상: 생성 시 검증됨</translation>
    </message>
    <message>
        <source>Good: verified when it was made; what had not changed, on {at}</source>
        <translation>정상: 생성 시 검증됨 (변경되지 않은 부분은 {at}에 검사)</translation>
    </message>
    <message>
        <source>Saved, not checked yet</source>
        <translation>저장됨, 검사 전</translation>
    </message>
    <message>
        <source>✗ Damaged</source>
        <translation>✗ 손상됨</translation>
    </message>
    <message>
        <source>✓ Restored in a drill {ago}</source>
        <translation>✓ {ago} 복원 훈련</translation>
    </message>
    <message>
        <source>✓ Bytes checked {ago}</source>
        <translation>✓ {ago} 바이트 검사</translation>
    </message>
    <message>
        <source>✓ Verified when made</source>
        <translation>✓ 생성 시 검증됨</translation>
    </message>
    <message>
        <source>(note damaged)</source>
        <translation>(메모 손상)</translation>
    </message>
    <message>
        <source>Pinned: never removed by retention</source>
        <translation>고정됨: 보존 규칙으로 삭제되지 않음</translation>
    </message>
    <message>
        <source>{count} restore points</source>
        <translation>복원 지점 {count}개</translation>
    </message>
    <message>
        <source>… and {count} older ones</source>
        <translation>… 외 이전 복원 지점 {count}개</translation>
    </message>
    <message>
        <source>Double click to see them apart</source>
        <translation>두 번 클릭하면 펼쳐집니다</translation>
    </message>
    <message>
        <source>{count} restore points, none chosen</source>
        <translation>복원 지점 {count}개, 선택 없음</translation>
    </message>
    <message>
        <source>Chosen of {count}: {time}, {reason}, {condition}</source>
        <translation>{count}개 중 선택: {time}, {reason}, {condition}</translation>
    </message>
    <message>
        <source>State of</source>
        <translation>시점</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>사유</translation>
    </message>
    <message>
        <source>Condition</source>
        <translation>상태</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>크기</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>메모</translation>
    </message>
    <message>
        <source>Restore points</source>
        <translation>복원 지점</translation>
    </message>
</context><context>
    <name>promote</name>
    <message>
        <source>The trading program was not started, because a change of the live files lies unfinished.</source>
        <translation>운영 파일 변경이 끝나지 않은 상태여서 거래 프로그램을 시작하지 않았습니다.</translation>
    </message>
    <message>
        <source>Run 'recover', then start the program.</source>
        <translation>'recover'를 실행한 다음 프로그램을 시작하세요.</translation>
    </message>
    <message>
        <source>Remove the cause, then try again.</source>
        <translation>원인을 해결한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>What state the live files are in cannot be read: {why}</source>
        <translation>운영 파일의 현재 상태를 읽을 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>The live set is incomplete: {names} not in place. What was live is safe in {folder}.</source>
        <translation>운영 파일이 완전하지 않습니다. 제자리에 없는 파일: {names}. 운영 중이던 파일은 {folder}에 안전하게 있습니다.</translation>
    </message>
    <message>
        <source>The live set is incomplete: {names} not in place.</source>
        <translation>운영 파일이 온전하지 않습니다. 제자리에 없는 파일: {names}.</translation>
    </message>
    <message>
        <source>The former files are live again, all of them.</source>
        <translation>이전 파일이 모두 다시 운영 중입니다.</translation>
    </message>
    <message>
        <source>The files that were live before going back are live, all of them.</source>
        <translation>되돌리기 전에 운영 중이던 파일이 모두 운영 중입니다.</translation>
    </message>
    <message>
        <source>The live files are as they were.</source>
        <translation>운영 파일은 그대로입니다.</translation>
    </message>
    <message>
        <source>The new files are live, all of them.</source>
        <translation>새 파일이 모두 운영에 들어가 있습니다.</translation>
    </message>
    <message>
        <source>No change of the live files is under way; {names} not there.</source>
        <translation>진행 중인 운영 파일 변경은 없습니다. 없는 파일: {names}.</translation>
    </message>
    <message>
        <source>The live files are all in place; no change of them is under way.</source>
        <translation>운영 파일이 모두 제자리에 있으며, 진행 중인 변경이 없습니다.</translation>
    </message>
    <message>
        <source>The record {id} in {folder} of a change of the live files is damaged; not in place: {names}. What was live lies in the folders '.ops_console' beside the files.</source>
        <translation>운영 파일 변경 기록 {id}({folder})이(가) 손상되었습니다. 제자리에 없는 파일: {names}. 이전 운영 파일은 각 파일 옆의 '.ops_console' 폴더에 있습니다.</translation>
    </message>
    <message>
        <source>This promote is still under way.</source>
        <translation>이 파일 교체가 아직 끝나지 않았습니다.</translation>
    </message>
    <message>
        <source>Run 'recover' first.</source>
        <translation>먼저 'recover'를 실행하세요.</translation>
    </message>
    <message>
        <source>There is no parked set {id}: {why}</source>
        <translation>보관된 이전 파일 {id}이(가) 없습니다: {why}</translation>
    </message>
    <message>
        <source>Choose a restore point instead.</source>
        <translation>대신 복원 지점을 선택하세요.</translation>
    </message>
    <message>
        <source>The live files changed after they had been saved.</source>
        <translation>저장한 뒤에 운영 파일이 바뀌었습니다.</translation>
    </message>
    <message>
        <source>Begin again, so that the newest state is saved.</source>
        <translation>최신 상태가 저장되도록 처음부터 다시 시작하세요.</translation>
    </message>
    <message>
        <source>The live files could not be locked: {why}</source>
        <translation>운영 파일을 잠그지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>{path} is a symbolic link.</source>
        <translation>심볼릭 링크입니다: {path}</translation>
    </message>
    <message>
        <source>Name the real file in ops_console.yaml.</source>
        <translation>ops_console.yaml에 실제 파일을 지정하세요.</translation>
    </message>
    <message>
        <source>The file {path} is not there, or is no regular file.</source>
        <translation>파일 {path}이(가) 없거나 일반 파일이 아닙니다.</translation>
    </message>
    <message>
        <source>Begin again.</source>
        <translation>처음부터 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{path} cannot be read: {why}</source>
        <translation>{path}을(를) 읽을 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>The live files could not be swapped: {why}</source>
        <translation>운영 파일을 교체하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>Remove the cause, then run 'recover' before starting the trading program.</source>
        <translation>원인을 해결하고, 거래 프로그램을 시작하기 전에 'recover'를 실행하세요.</translation>
    </message>
    <message>
        <source>A change of the live files that was interrupted can be neither finished nor undone yet: {why}</source>
        <translation>중단된 운영 파일 변경을 아직 완료하지도 되돌리지도 못했습니다: {why}</translation>
    </message>
    <message>
        <source>Going back was interrupted; it was finished: the former files are live again.</source>
        <translation>되돌리기가 중단되어 마무리했습니다. 이전 파일이 다시 운영 중입니다.</translation>
    </message>
    <message>
        <source>Going back was interrupted; it was undone: what was live before it is live.</source>
        <translation>되돌리기가 중단되어 취소했습니다. 되돌리기 전에 운영 중이던 파일이 운영 중입니다.</translation>
    </message>
    <message>
        <source>A change of the live files was interrupted; it was finished: the new files are live.</source>
        <translation>중단된 운영 파일 교체를 완료했습니다. 새 파일이 적용되었습니다.</translation>
    </message>
    <message>
        <source>A change of the live files was interrupted; it was undone: the former files are live.</source>
        <translation>중단된 운영 파일 교체를 취소했습니다. 이전 파일이 그대로 적용되어 있습니다.</translation>
    </message>
    <message>
        <source>Keep the trading program stopped. Move every file of one set back to its place by hand, or remove the folders '.ops_console' beside the files and the folder {folder}, then go back to a restore point.</source>
        <translation>거래 프로그램을 멈춘 채로 두세요. 이전 파일이나 새 파일 가운데 한쪽을 모두 직접 제자리로 옮기거나, 파일 옆의 '.ops_console' 폴더와 {folder} 폴더를 지운 다음 복원 지점으로 롤백하세요.</translation>
    </message>
    <message>
        <source>A record of a change under way is damaged: {why}</source>
        <translation>진행 중이던 교체의 기록이 손상되었습니다: {why}</translation>
    </message>
    <message>
        <source>Keep the trading program stopped. Move every file from the folder '.ops_console/{id}/parked' back to its place by hand, then remove {id} from the folder {folder}.</source>
        <translation>거래 프로그램을 멈춘 채로 두세요. '.ops_console/{id}/parked' 폴더의 파일을 모두 직접 제자리로 옮긴 다음, {folder} 폴더에서 {id}을(를) 지우세요.</translation>
    </message>
    <message>
        <source>A record of a change of the live files was damaged and was set aside; the live files are all in place. What was parked stays in the folders '.ops_console' beside them: {why}</source>
        <translation>운영 파일 변경 기록이 손상되어 따로 치워 두었습니다. 운영 파일은 모두 제자리에 있습니다. 이전 파일은 옆의 '.ops_console' 폴더에 그대로 있습니다: {why}</translation>
    </message>
    <message>
        <source>{told} What was made in their place meanwhile is kept in {paths}.</source>
        <translation>{told} 그사이 그 자리에 만들어진 파일은 {paths}에 보관했습니다.</translation>
    </message>
    <message>
        <source>{path} is not there any more, or not what it was.</source>
        <translation>{path}이(가) 없어졌거나 내용이 달라졌습니다.</translation>
    </message>
    <message>
        <source>Nothing was moved.</source>
        <translation>옮긴 파일은 없습니다.</translation>
    </message>
    <message>
        <source>Keep the trading program stopped and put the file back from a restore point.</source>
        <translation>거래 프로그램을 멈춘 채로 두고, 복원 지점에서 그 파일을 되돌려 놓으세요.</translation>
    </message>
    <message>
        <source>The files are still open in: {who}.</source>
        <translation>아직 파일을 열고 있는 프로그램이 있습니다: {who}.</translation>
    </message>
    <message>
        <source>Close these programs, then try again.</source>
        <translation>해당 프로그램을 종료한 뒤 다시 시도하세요.</translation>
    </message>
</context><context>
    <name>report</name>
    <message>
        <source>Migration report</source>
        <translation>마이그레이션 보고서</translation>
    </message>
    <message>
        <source>✓ proven lossless</source>
        <translation>✓ 무손실 증명됨</translation>
    </message>
    <message>
        <source>✗ not proven</source>
        <translation>✗ 증명되지 않음</translation>
    </message>
    <message>
        <source>no release: the program as it was set up by hand</source>
        <translation>릴리스 없음(직접 설치한 프로그램)</translation>
    </message>
    <message>
        <source>none</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>시작</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>종료</translation>
    </message>
    <message>
        <source>By</source>
        <translation>작업자</translation>
    </message>
    <message>
        <source>In production before</source>
        <translation>이전 운영 릴리스</translation>
    </message>
    <message>
        <source>In production after</source>
        <translation>이후 운영 릴리스</translation>
    </message>
    <message>
        <source>Hash of the release</source>
        <translation>릴리스 해시</translation>
    </message>
    <message>
        <source>Data before</source>
        <translation>배포 전 데이터</translation>
    </message>
    <message>
        <source>Data that was kept</source>
        <translation>보관한 데이터</translation>
    </message>
    <message>
        <source>Program down for</source>
        <translation>중단 시간</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds}초</translation>
    </message>
    <message>
        <source>What it changed</source>
        <translation>변경 내용</translation>
    </message>
    <message>
        <source>{count} more</source>
        <translation>외 {count}개</translation>
    </message>
    <message>
        <source>Migration</source>
        <translation>마이그레이션</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>통과</translation>
    </message>
    <message>
        <source>note</source>
        <translation>참고</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>실패</translation>
    </message>
    <message>
        <source>does not apply</source>
        <translation>해당 없음</translation>
    </message>
    <message>
        <source>overridden</source>
        <translation>예외 처리</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>점검</translation>
    </message>
    <message>
        <source>Overridden: {reason}</source>
        <translation>예외 사유: {reason}</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>단계</translation>
    </message>
    <message>
        <source>Entry {number} of the deployment log</source>
        <translation>배포 기록 {number}번째 항목</translation>
    </message>
    <message>
        <source>after</source>
        <translation>이전 항목</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>알 수 없음</translation>
    </message>
    <message>
        <source>At</source>
        <translation>시각</translation>
    </message>
    <message>
        <source>Restore point to go back to</source>
        <translation>되돌아갈 복원 지점</translation>
    </message>
    <message>
        <source>Safety backup</source>
        <translation>안전 백업</translation>
    </message>
    <message>
        <source>Of it swapping the data</source>
        <translation>그중 데이터 교체 시간</translation>
    </message>
    <message>
        <source>Copies made again</source>
        <translation>복사본 재생성</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>예</translation>
    </message>
    <message>
        <source>no</source>
        <translation>아니요</translation>
    </message>
    <message>
        <source>Rows to review</source>
        <translation>검토할 행</translation>
    </message>
    <message>
        <source>Console interrupted</source>
        <translation>콘솔 중단</translation>
    </message>
    <message>
        <source>finished by its next start</source>
        <translation>다음 시작 때 마무리됨</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>검증</translation>
    </message>
    <message>
        <source>Evidence ({name})</source>
        <translation>증거 ({name})</translation>
    </message>
    <message>
        <source>Scripts</source>
        <translation>스크립트</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>데이터베이스</translation>
    </message>
    <message>
        <source>Script, SHA-256</source>
        <translation>스크립트, SHA-256</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>초</translation>
    </message>
    <message>
        <source>From old tables to new ones</source>
        <translation>이전 테이블에서 새 테이블로</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>테이블</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>형태</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>행</translation>
    </message>
    <message>
        <source>Converted</source>
        <translation>변환</translation>
    </message>
    <message>
        <source>To review</source>
        <translation>검토</translation>
    </message>
    <message>
        <source>New tables</source>
        <translation>새 테이블</translation>
    </message>
    <message>
        <source>Rows written meanwhile and taken in</source>
        <translation>진행 중에 기록되어 반영한 행</translation>
    </message>
    <message>
        <source>Changes of settings</source>
        <translation>설정 변경</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>행</translation>
    </message>
    <message>
        <source>Column</source>
        <translation>열</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>이전</translation>
    </message>
    <message>
        <source>After</source>
        <translation>이후</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>규칙</translation>
    </message>
    <message>
        <source>Decisions of the operator</source>
        <translation>운영자의 결정</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>역할</translation>
    </message>
    <message>
        <source>Strategy</source>
        <translation>전략</translation>
    </message>
    <message>
        <source>Manual review ({count})</source>
        <translation>수동 검토 ({count}개)</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>부분</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>사유</translation>
    </message>
    <message>
        <source>Tables left as they were</source>
        <translation>변환하지 않은 테이블</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>단계</translation>
    </message>
</context><context>
    <name>rollback</name>
    <message>
        <source>{state} The program was not started.</source>
        <translation>{state} 프로그램은 시작하지 않았습니다.</translation>
    </message>
    <message>
        <source>Not in the restore point, stays as it is: {files}.</source>
        <translation>복원 지점에 없어 그대로 유지되는 파일: {files}.</translation>
    </message>
    <message>
        <source>The former state is back, but the program does not run: {why}</source>
        <translation>이전 상태로 되돌렸지만 프로그램이 실행되지 않습니다: {why}</translation>
    </message>
    <message>
        <source>The former state is back; no program ran before.</source>
        <translation>이전 상태로 되돌렸습니다. 프로그램은 전에도 실행 중이 아니었습니다.</translation>
    </message>
    <message>
        <source>The former state is back and the program runs on it.</source>
        <translation>이전 상태로 돌아왔고, 그 상태로 프로그램이 실행 중입니다.</translation>
    </message>
    <message>
        <source>Put the former state back</source>
        <translation>이전 상태로 복귀</translation>
    </message>
    <message>
        <source>Stop the trading program</source>
        <translation>거래 프로그램 종료</translation>
    </message>
    <message>
        <source>It is not running.</source>
        <translation>실행 중이 아닙니다.</translation>
    </message>
    <message>
        <source>{state} The program does not run: {why}</source>
        <translation>{state} 프로그램이 실행되지 않습니다: {why}</translation>
    </message>
    <message>
        <source>Start the trading program and verify it</source>
        <translation>거래 프로그램 시작 및 검증</translation>
    </message>
    <message>
        <source>It was not running before.</source>
        <translation>작업 전에 실행 중이 아니었습니다.</translation>
    </message>
    <message>
        <source>Save the present</source>
        <translation>현재 상태 저장</translation>
    </message>
    <message>
        <source>No guarded file is there.</source>
        <translation>보호 대상 파일이 하나도 없습니다.</translation>
    </message>
    <message>
        <source>Keep what was replaced</source>
        <translation>교체된 파일을 복원 지점으로 저장</translation>
    </message>
    <message>
        <source>Of {names} not everything lies there that was parked.</source>
        <translation>보관해 둔 {names} 가운데 일부가 없습니다.</translation>
    </message>
    <message>
        <source>Look into the folders '.ops_console' beside the files.</source>
        <translation>파일 옆의 '.ops_console' 폴더를 확인하세요.</translation>
    </message>
    <message>
        <source>it was cancelled</source>
        <translation>취소되었습니다.</translation>
    </message>
    <message>
        <source>What was replaced is not a restore point yet and stays safe in {folder}: {why} It becomes one with the next operation or with 'recover'.</source>
        <translation>교체된 이전 파일은 아직 복원 지점이 아니며 {folder}에 안전하게 있습니다. 다음 작업 때 또는 'recover'로 복원 지점이 됩니다. 이유: {why}</translation>
    </message>
    <message>
        <source>Somebody wrote to {names} after they had been replaced. Those rows are in restore point {id}: compare it with the live data to take them over.</source>
        <translation>교체된 뒤에도 {names}에 누군가 썼습니다. 그 행은 복원 지점 {id}에 있습니다. 운영 데이터와 비교하여 가져오세요.</translation>
    </message>
    <message>
        <source>Files were made in the way of the swap and are kept: {paths}</source>
        <translation>교체 도중 그 자리에 만들어진 파일을 보관했습니다: {paths}</translation>
    </message>
    <message>
        <source>Somebody wrote to what was replaced while it was saved.</source>
        <translation>교체된 파일을 저장하는 동안 누군가 그 파일에 썼습니다.</translation>
    </message>
    <message>
        <source>Run 'recover'.</source>
        <translation>'recover'를 실행하세요.</translation>
    </message>
    <message>
        <source>The trading program does not run any more.</source>
        <translation>거래 프로그램이 더 이상 실행 중이 아닙니다.</translation>
    </message>
    <message>
        <source>The trading program runs now.</source>
        <translation>거래 프로그램이 지금은 실행 중입니다.</translation>
    </message>
    <message>
        <source>The trading program runs in another way now.</source>
        <translation>거래 프로그램이 지금은 다른 방식으로 실행 중입니다.</translation>
    </message>
    <message>
        <source>Other guarded files are there now.</source>
        <translation>현재 있는 보호 대상 파일이 표시했을 때와 다릅니다.</translation>
    </message>
    <message>
        <source>SQLite has not checked this restore point yet.</source>
        <translation>이 복원 지점은 아직 SQLite 검사를 거치지 않았습니다.</translation>
    </message>
    <message>
        <source>Verify it first: 'backup verify {id}'.</source>
        <translation>먼저 검증하십시오: 'backup verify {id}'.</translation>
    </message>
    <message>
        <source>This restore point is damaged.</source>
        <translation>손상된 복원 지점입니다.</translation>
    </message>
    <message>
        <source>Choose another restore point.</source>
        <translation>다른 복원 지점을 선택하세요.</translation>
    </message>
    <message>
        <source>{files} are replaced by their state of {at}.</source>
        <translation>다음 파일을 {at}의 상태로 교체합니다: {files}</translation>
    </message>
    <message>
        <source>{files} are not there now and come back with their state of {at}.</source>
        <translation>현재 없는 {files} 파일은 {at}의 상태로 되살아납니다.</translation>
    </message>
    <message>
        <source>No guarded file is there, so nothing is saved before.</source>
        <translation>보호 대상 파일이 하나도 없어 먼저 저장할 것이 없습니다.</translation>
    </message>
    <message>
        <source>The present state is saved as a restore point of its own. If that fails, nothing is touched.</source>
        <translation>현재 상태를 별도의 복원 지점으로 저장합니다. 저장하지 못하면 아무것도 변경하지 않습니다.</translation>
    </message>
    <message>
        <source>No running trading program was found, so none is stopped or started.</source>
        <translation>실행 중인 거래 프로그램이 없으므로 종료하거나 시작하지 않습니다.</translation>
    </message>
    <message>
        <source>The trading program (PID {pid}, running since {since}) is asked to stop, and started again afterwards.</source>
        <translation>거래 프로그램(PID {pid}, {since}부터 실행 중)에 종료를 요청하고, 롤백 후 다시 시작합니다.</translation>
    </message>
    <message>
        <source>How many rows change is not known yet. Rows written since then leave the live databases and stay in the restore point of the present.</source>
        <translation>변경될 행 수는 아직 알 수 없습니다. 그 이후에 기록된 행은 운영 데이터에서 제거되지만, 현재 상태의 복원 지점에는 남습니다.</translation>
    </message>
    <message>
        <source>No row differs from the live databases.</source>
        <translation>운영 데이터와 다른 행이 없습니다.</translation>
    </message>
    <message>
        <source>{leaving} rows written since then leave the live databases and stay in the restore point of the present; {returning} rows return, {changing} get their former values.</source>
        <translation>그 이후에 기록된 {leaving}행은 운영 데이터에서 제거되지만, 현재 상태의 복원 지점에는 남습니다. {returning}행이 복원되고, {changing}행은 이전 값으로 돌아갑니다.</translation>
    </message>
    <message>
        <source>Because no program runs, there is no downtime.</source>
        <translation>실행 중인 프로그램이 없으므로 중단 시간이 없습니다.</translation>
    </message>
    <message>
        <source>How long the program will be down is not known yet: this is the first rollback here.</source>
        <translation>이 작업 공간의 첫 롤백이므로 중단 시간은 아직 예측할 수 없습니다.</translation>
    </message>
    <message>
        <source>The program is expected to be down for about {seconds} s, as in the last {count} rollbacks.</source>
        <translation>예상 중단 시간은 최근 롤백 {count}회 기준으로 약 {seconds}초입니다.</translation>
    </message>
    <message>
        <source>If a database does not answer afterwards, the present state comes back by itself.</source>
        <translation>롤백 후 데이터베이스가 응답하지 않으면 자동으로 롤백 전 상태로 돌아옵니다.</translation>
    </message>
    <message>
        <source>If the program does not run properly afterwards, the present state comes back by itself.</source>
        <translation>롤백 후 프로그램이 정상적으로 실행되지 않으면 자동으로 롤백 전 상태로 돌아옵니다.</translation>
    </message>
    <message>
        <source>Nothing was touched.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Stage the restore point</source>
        <translation>복원 지점 준비</translation>
    </message>
    <message>
        <source>Swap the files</source>
        <translation>파일 교체</translation>
    </message>
    <message>
        <source>The rollback was undone: {why}</source>
        <translation>롤백을 취소하고 이전 상태로 돌아왔습니다: {why}</translation>
    </message>
    <message>
        <source>It would not be what was shown any more: {what}</source>
        <translation>표시한 내용과 달라져 실행하지 않았습니다. {what}</translation>
    </message>
    <message>
        <source>Look at what would happen now, then decide again.</source>
        <translation>지금 실행하면 어떻게 되는지 확인한 뒤 다시 결정하세요.</translation>
    </message>
    <message>
        <source>running</source>
        <translation>진행 중</translation>
    </message>
    <message>
        <source>done</source>
        <translation>완료</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>실패</translation>
    </message>
    <message>
        <source>skipped</source>
        <translation>건너뜀</translation>
    </message>
    <message>
        <source>to come</source>
        <translation>예정</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>주의</translation>
    </message>
    <message>
        <source>1 database</source>
        <translation>1개 DB</translation>
    </message>
    <message>
        <source>{count} databases</source>
        <translation>{count}개 DB</translation>
    </message>
    <message>
        <source>Roll back to {time} ({databases})</source>
        <translation>{time}의 상태로 롤백 ({databases})</translation>
    </message>
    <message>
        <source>Roll back to {time} ({databases}, 1 row changes)</source>
        <translation>{time}의 상태로 롤백 ({databases}, 1행 변경)</translation>
    </message>
    <message>
        <source>Roll back to {time} ({databases}, {rows} rows change)</source>
        <translation>{time}의 상태로 롤백 ({databases}, {rows}행 변경)</translation>
    </message>
    <message>
        <source>Roll back to the state of {time}?</source>
        <translation>{time}의 상태로 롤백할까요?</translation>
    </message>
    <message>
        <source>Replace the files with {time}</source>
        <translation>{time}의 파일로 교체</translation>
    </message>
    <message>
        <source>Stop the program and roll back to {time}</source>
        <translation>프로그램을 종료하고 {time}의 상태로 롤백</translation>
    </message>
    <message>
        <source>Rollback</source>
        <translation>롤백</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>취소(&amp;C)</translation>
    </message>
    <message>
        <source>Show what would change</source>
        <translation>변경될 내용 보기</translation>
    </message>
    <message>
        <source>There is no state to go back to yet</source>
        <translation>아직 되돌아갈 상태가 없습니다</translation>
    </message>
    <message>
        <source>Make a restore point in the Backup tab; from then on going back is one click.</source>
        <translation>백업 탭에서 복원 지점을 만드세요. 그 뒤로는 클릭 한 번으로 되돌아갈 수 있습니다.</translation>
    </message>
    <message>
        <source>Back to the state of {time}</source>
        <translation>{time}의 상태로 되돌리기</translation>
    </message>
    <message>
        <source>Chosen: the newest good state before the last change</source>
        <translation>선택: 마지막 변경 이전의 정상인 최신 상태</translation>
    </message>
    <message>
        <source>Chosen: the newest good state</source>
        <translation>선택: 정상인 최신 상태</translation>
    </message>
    <message>
        <source>What going back would change: {rows} rows in {tables} tables (as of {at})</source>
        <translation>되돌리면 변경될 내용: 테이블 {tables}개, {rows}행 ({at} 기준)</translation>
    </message>
    <message>
        <source>Nothing differs from the live data (as of {at})</source>
        <translation>운영 데이터와 차이가 없습니다 ({at} 기준)</translation>
    </message>
    <message>
        <source>Going back…</source>
        <translation>되돌리는 중…</translation>
    </message>
    <message>
        <source>The rollback did not go through</source>
        <translation>롤백하지 못했습니다</translation>
    </message>
    <message>
        <source>Done. No program was running, so none was down.</source>
        <translation>완료했습니다. 실행 중인 프로그램이 없어 중단 시간은 없었습니다.</translation>
    </message>
    <message>
        <source>Done. The program was down for {duration} and runs again.</source>
        <translation>완료했습니다. 중단 시간은 {duration}이며, 프로그램이 다시 실행 중입니다.</translation>
    </message>
    <message>
        <source>Cancelled: nothing was changed</source>
        <translation>취소했습니다. 변경된 것은 없습니다</translation>
    </message>
    <message>
        <source>Time line of the restore points</source>
        <translation>복원 지점 타임라인</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>지금</translation>
    </message>
</context><context>
    <name>service</name>
    <message>
        <source>&amp;Copy</source>
        <translation>복사(&amp;C)</translation>
    </message>
    <message>
        <source>Standard output</source>
        <translation>표준 출력</translation>
    </message>
    <message>
        <source>Standard error</source>
        <translation>표준 오류</translation>
    </message>
    <message>
        <source>The program's own log</source>
        <translation>프로그램 자체 로그</translation>
    </message>
    <message>
        <source>Which log</source>
        <translation>로그 선택</translation>
    </message>
    <message>
        <source>&amp;Errors only</source>
        <translation>오류만(&amp;E)</translation>
    </message>
    <message>
        <source>Copy what is selected, or everything that is shown</source>
        <translation>선택한 내용 또는 보이는 내용 전체를 복사합니다</translation>
    </message>
    <message>
        <source>Log of the trading program</source>
        <translation>거래 프로그램 로그</translation>
    </message>
    <message>
        <source>… {size_bytes} left out …</source>
        <translation>… {size_bytes} 생략 …</translation>
    </message>
    <message>
        <source>No errors in the lines that were read.</source>
        <translation>읽은 줄에 오류가 없습니다.</translation>
    </message>
    <message>
        <source>Nothing yet. What the program prints appears here once the console or its supervisor has started it.</source>
        <translation>아직 내용이 없습니다. 콘솔이나 감독 프로세스가 프로그램을 시작하면 프로그램이 출력하는 내용이 여기에 표시됩니다.</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>시작(&amp;S)</translation>
    </message>
    <message>
        <source>Res&amp;tart…</source>
        <translation>다시 시작(&amp;T)…</translation>
    </message>
    <message>
        <source>St&amp;op…</source>
        <translation>종료(&amp;O)…</translation>
    </message>
    <message>
        <source>&amp;Log</source>
        <translation>로그(&amp;L)</translation>
    </message>
    <message>
        <source>Show or hide what the program prints</source>
        <translation>프로그램이 출력하는 내용을 보이거나 숨깁니다</translation>
    </message>
    <message>
        <source>Stop the trading program?</source>
        <translation>거래 프로그램을 종료할까요?</translation>
    </message>
    <message>
        <source>It is asked to close, never killed. It stays stopped until it is started again, and a supervisor leaves it so.</source>
        <translation>닫도록 요청할 뿐 강제로 끝내지 않습니다. 다시 시작할 때까지 종료된 상태로 두며, 감독 프로세스도 다시 시작하지 않습니다.</translation>
    </message>
    <message>
        <source>Stop the program</source>
        <translation>프로그램 종료</translation>
    </message>
    <message>
        <source>Restart the trading program?</source>
        <translation>거래 프로그램을 다시 시작할까요?</translation>
    </message>
    <message>
        <source>It is asked to close, never killed, and started again at once.</source>
        <translation>닫도록 요청할 뿐 강제로 끝내지 않으며, 닫히면 곧바로 다시 시작합니다.</translation>
    </message>
    <message>
        <source>Restart the program</source>
        <translation>프로그램 다시 시작</translation>
    </message>
    <message>
        <source>Looking for the trading program…</source>
        <translation>거래 프로그램을 찾는 중…</translation>
    </message>
    <message>
        <source>The trading program is running (process {pid})</source>
        <translation>거래 프로그램 실행 중 (PID {pid})</translation>
    </message>
    <message>
        <source>The supervisor gave up</source>
        <translation>감독 프로세스가 재시작을 중단함</translation>
    </message>
    <message>
        <source>The supervisor is about to start it again</source>
        <translation>감독 프로세스가 곧 다시 시작함</translation>
    </message>
    <message>
        <source>The trading program was stopped</source>
        <translation>거래 프로그램을 종료한 상태</translation>
    </message>
    <message>
        <source>The trading program is not running</source>
        <translation>거래 프로그램이 실행 중이 아님</translation>
    </message>
    <message>
        <source>since {since}</source>
        <translation>{since}부터</translation>
    </message>
    <message>
        <source>supervised, by {unit}</source>
        <translation>{unit}(으)로 감독 중</translation>
    </message>
    <message>
        <source>supervised</source>
        <translation>감독 중</translation>
    </message>
    <message>
        <source>started by the console, not supervised</source>
        <translation>콘솔이 시작함, 감독 없음</translation>
    </message>
    <message>
        <source>started by hand, not supervised</source>
        <translation>직접 시작함, 감독 없음</translation>
    </message>
    <message>
        <source>restarted {count} times</source>
        <translation>{count}번 다시 시작됨</translation>
    </message>
    <message>
        <source>last exit code {code}</source>
        <translation>마지막 종료 코드 {code}</translation>
    </message>
</context><context>
    <name>services</name>
    <message>
        <source>Start the trading program</source>
        <translation>거래 프로그램 시작</translation>
    </message>
    <message>
        <source>The trading program is supervised already, by process {pid}.</source>
        <translation>거래 프로그램은 이미 PID {pid} 프로세스가 감독하고 있습니다.</translation>
    </message>
    <message>
        <source>Nothing was touched.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Look at 'service status'.</source>
        <translation>'service status'를 확인하세요.</translation>
    </message>
    <message>
        <source>{happened} It is started again in {seconds} s.</source>
        <translation>{happened} {seconds}초 뒤에 다시 시작합니다.</translation>
    </message>
    <message>
        <source>{happened} After {count} restarts within {minutes} minutes the supervisor gave up.</source>
        <translation>{happened} {minutes}분 안에 {count}번 다시 시작한 뒤 감독 프로세스가 재시작을 중단했습니다.</translation>
    </message>
    <message>
        <source>The data was not touched.</source>
        <translation>데이터는 건드리지 않았습니다.</translation>
    </message>
    <message>
        <source>Look at 'service log --which err', remove the cause, then run 'service start'.</source>
        <translation>'service log --which err'를 확인하고 원인을 없앤 뒤 'service start'를 실행하세요.</translation>
    </message>
    <message>
        <source>The program (process {pid}) is watched.</source>
        <translation>프로그램(PID {pid})을 지켜보고 있습니다.</translation>
    </message>
    <message>
        <source>The program was started (process {pid}).</source>
        <translation>프로그램을 시작했습니다(PID {pid}).</translation>
    </message>
    <message>
        <source>What an operation left could not be recovered.</source>
        <translation>중단된 작업이 남긴 상태를 복구하지 못했습니다.</translation>
    </message>
    <message>
        <source>The program was not started on it.</source>
        <translation>그 상태에서는 프로그램을 시작하지 않았습니다.</translation>
    </message>
    <message>
        <source>Run 'recover'.</source>
        <translation>'recover'를 실행하세요.</translation>
    </message>
    <message>
        <source>The program was stopped on purpose; it is started afterwards.</source>
        <translation>작업을 위해 프로그램을 종료했으며, 작업이 끝나면 시작합니다.</translation>
    </message>
    <message>
        <source>The program was stopped by 'service stop'; 'service start' starts it.</source>
        <translation>'service stop'으로 프로그램을 종료한 상태입니다. 'service start'로 시작합니다.</translation>
    </message>
    <message>
        <source>The program closed by itself (exit code {code}); it is not started again.</source>
        <translation>프로그램이 스스로 닫혔으며(종료 코드 {code}), 다시 시작하지 않습니다.</translation>
    </message>
    <message>
        <source>The program ended, and nobody saw how.</source>
        <translation>프로그램이 종료되었으나 종료 코드를 알 수 없습니다.</translation>
    </message>
    <message>
        <source>The program was ended by signal {number}.</source>
        <translation>프로그램이 신호 {number}(으)로 종료되었습니다.</translation>
    </message>
    <message>
        <source>The program ended with code {code}.</source>
        <translation>프로그램이 코드 {code}(으)로 종료되었습니다.</translation>
    </message>
    <message>
        <source>The trading program (process {pid}) did not close within {seconds} seconds.</source>
        <translation>거래 프로그램(PID {pid})이 {seconds}초 안에 종료되지 않았습니다.</translation>
    </message>
    <message>
        <source>Its data was not touched, and it was not killed.</source>
        <translation>데이터는 그대로이며, 프로그램을 강제로 종료하지 않았습니다.</translation>
    </message>
    <message>
        <source>Close it yourself, then try again.</source>
        <translation>직접 종료한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>it did not open its databases in time</source>
        <translation>제한 시간 안에 데이터베이스를 열지 않음</translation>
    </message>
    <message>
        <source>it ended with code {code} ({line})</source>
        <translation>코드 {code}(으)로 종료됨 ({line})</translation>
    </message>
    <message>
        <source>it ended with code {code}</source>
        <translation>시작하자마자 종료됨(종료 코드 {code})</translation>
    </message>
    <message>
        <source>{name} is {condition}</source>
        <translation>{name} 상태: {condition}</translation>
    </message>
    <message>
        <source>The trading program does not run as it should: {why}.</source>
        <translation>거래 프로그램이 정상적으로 실행되지 않습니다: {why}.</translation>
    </message>
    <message>
        <source>Read what it printed: 'service log'.</source>
        <translation>'service log'로 프로그램의 출력을 확인하세요.</translation>
    </message>
    <message>
        <source>The trading program was not started, because a database is damaged: {names}.</source>
        <translation>손상된 데이터베이스가 있어 거래 프로그램을 시작하지 않았습니다: {names}.</translation>
    </message>
    <message>
        <source>Go back to a good restore point: 'rollback'.</source>
        <translation>정상 복원 지점으로 되돌리세요: 'rollback'.</translation>
    </message>
    <message>
        <source>Write down what is wanted</source>
        <translation>원하는 상태 기록</translation>
    </message>
    <message>
        <source>It cannot be written: a supervisor may decide otherwise.</source>
        <translation>기록할 수 없습니다. 감독 프로세스가 다르게 판단할 수 있습니다.</translation>
    </message>
    <message>
        <source>Stop the trading program</source>
        <translation>거래 프로그램 종료</translation>
    </message>
    <message>
        <source>It is not running.</source>
        <translation>실행 중이 아닙니다.</translation>
    </message>
    <message>
        <source>There is no Python on this machine that runs {path}.</source>
        <translation>{path}을(를) 실행할 Python이 이 컴퓨터에 없습니다.</translation>
    </message>
    <message>
        <source>There is no {script} in {path}.</source>
        <translation>실행 파일이 없습니다: {script} (위치: {path})</translation>
    </message>
    <message>
        <source>Set program.start in ops_console.yaml.</source>
        <translation>ops_console.yaml에 program.start를 설정하세요.</translation>
    </message>
    <message>
        <source>The trading program is being started or stopped elsewhere.</source>
        <translation>거래 프로그램을 다른 곳에서 시작하거나 종료하는 중입니다.</translation>
    </message>
    <message>
        <source>Wait a little, then try again.</source>
        <translation>잠시 기다린 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>the process that was to start it has ended</source>
        <translation>프로그램을 시작할 프로세스가 종료되었습니다</translation>
    </message>
    <message>
        <source>it could not be started: {why}</source>
        <translation>시작하지 못함: {why}</translation>
    </message>
    <message>
        <source>Correct the command, or program.start in ops_console.yaml.</source>
        <translation>명령 또는 ops_console.yaml의 program.start를 고치세요.</translation>
    </message>
    <message>
        <source>A scheduled task does not see the variables {names}.</source>
        <translation>예약된 작업은 환경 변수 {names}을(를) 볼 수 없습니다.</translation>
    </message>
    <message>
        <source>Write them into ops_console.yaml and unset them.</source>
        <translation>ops_console.yaml에 적고 환경 변수는 해제하세요.</translation>
    </message>
    <message>
        <source>A scheduled task cannot hold {word}.</source>
        <translation>예약된 작업에는 {word}을(를) 적을 수 없습니다.</translation>
    </message>
    <message>
        <source>Give the folder a name of ordinary characters.</source>
        <translation>폴더 이름을 일반 문자로 바꾸세요.</translation>
    </message>
    <message>
        <source>The Task Scheduler does not answer: {why}</source>
        <translation>작업 스케줄러가 응답하지 않습니다: {why}</translation>
    </message>
    <message>
        <source>Start its service, or use 'service supervise'.</source>
        <translation>작업 스케줄러 서비스를 시작하거나 'service supervise'를 사용하세요.</translation>
    </message>
    <message>
        <source>{name} could not be installed: {why}</source>
        <translation>{name}을(를) 설치하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>Remove the cause, then try again.</source>
        <translation>원인을 없앤 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>It starts when you log on.</source>
        <translation>로그온하면 시작됩니다.</translation>
    </message>
    <message>
        <source>Nothing is installed; the trading program was not touched.</source>
        <translation>아무것도 설치하지 않았고, 거래 프로그램도 건드리지 않았습니다.</translation>
    </message>
    <message>
        <source>See whether the system can do it</source>
        <translation>시스템에서 가능한지 확인</translation>
    </message>
    <message>
        <source>Ask a running supervisor to leave</source>
        <translation>실행 중인 감독 프로세스에 물러나도록 요청</translation>
    </message>
    <message>
        <source>Install and start the supervisor</source>
        <translation>감독 프로세스 설치 및 시작</translation>
    </message>
    <message>
        <source>Remove the supervisor</source>
        <translation>감독 프로세스 제거</translation>
    </message>
    <message>
        <source>{name} could not be removed: {why}</source>
        <translation>{name}을(를) 제거하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>The trading program was not touched.</source>
        <translation>거래 프로그램은 건드리지 않았습니다.</translation>
    </message>
    <message>
        <source>The system was told to start the supervisor, but it did not come.</source>
        <translation>시스템에 감독 프로세스를 시작하도록 했으나 시작되지 않았습니다.</translation>
    </message>
    <message>
        <source>Run 'service supervise' by hand: it says what is in the way.</source>
        <translation>'service supervise'를 직접 실행하면 무엇이 막고 있는지 알려 줍니다.</translation>
    </message>
    <message>
        <source>The supervisor (process {pid}) did not end.</source>
        <translation>감독 프로세스(PID {pid})가 끝나지 않았습니다.</translation>
    </message>
    <message>
        <source>Wait until it is at rest, then try again.</source>
        <translation>하던 일이 끝날 때까지 기다린 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>A systemd unit cannot hold {word}.</source>
        <translation>systemd 유닛에는 {word}을(를) 적을 수 없습니다.</translation>
    </message>
    <message>
        <source>systemd --user cannot be reached: {why}</source>
        <translation>systemd --user에 연결할 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>Log in as yourself, not by su or sudo, or have an administrator run 'loginctl enable-linger {user}'. Where there is no systemd, as in a container, let its own manager run 'service supervise', or use 'service start'.</source>
        <translation>su나 sudo가 아니라 해당 사용자로 직접 로그인하거나, 관리자에게 'loginctl enable-linger {user}' 실행을 요청하세요. 컨테이너처럼 systemd가 없는 곳에서는 그 관리 도구가 'service supervise'를 실행하게 하거나 'service start'를 사용하세요.</translation>
    </message>
    <message>
        <source>Look at 'journalctl --user -u {name}', remove the cause, then try again.</source>
        <translation>'journalctl --user -u {name}'을 확인하고 원인을 없앤 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>It starts when you log in. 'loginctl enable-linger' lets it start with the machine.</source>
        <translation>로그인하면 시작됩니다. 'loginctl enable-linger'를 실행하면 컴퓨터와 함께 시작됩니다.</translation>
    </message>
    <message>
        <source>The trading program runs as {user}; this console runs as {me}, who can neither stop nor start it.</source>
        <translation>거래 프로그램은 {user} 사용자로 실행 중인데 이 콘솔은 {me} 사용자로 실행되어, 프로그램을 종료할 수도 시작할 수도 없습니다.</translation>
    </message>
    <message>
        <source>Run the console as {user}, or as root.</source>
        <translation>콘솔을 {user} 사용자 또는 root로 실행하세요.</translation>
    </message>
    <message>
        <source>The trading program was not started: {why}</source>
        <translation>거래 프로그램을 시작하지 않았습니다: {why}</translation>
    </message>
    <message>
        <source>An interrupted operation had stopped the trading program, and its record is damaged: {why}</source>
        <translation>중단된 작업이 거래 프로그램을 멈춘 상태였고, 그 기록이 손상되었습니다: {why}</translation>
    </message>
    <message>
        <source>The program runs: look whether it is the release that you want.</source>
        <translation>프로그램이 실행 중입니다. 원하는 릴리스인지 확인하십시오.</translation>
    </message>
    <message>
        <source>The program does not run. Look at 'deploy status' which release is in production, go back to a restore point where the data is not what it should be, then 'service start'.</source>
        <translation>프로그램이 실행되고 있지 않습니다. 'deploy status'로 운영 중인 릴리스를 확인하고, 데이터가 맞지 않으면 복원 지점으로 롤백한 다음 'service start'를 실행하십시오.</translation>
    </message>
</context><context>
    <name>snapshot</name>
    <message>
        <source>The live files could not be read: {why}</source>
        <translation>운영 파일을 읽지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>The trading program's data was only read.</source>
        <translation>거래 프로그램의 데이터는 읽기만 했습니다.</translation>
    </message>
    <message>
        <source>Look at the databases' state with 'status', then try again.</source>
        <translation>'status'로 데이터베이스 상태를 확인한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>A program keeps a database locked. Open in: {who}</source>
        <translation>다른 프로그램이 데이터베이스를 잠그고 있습니다. 열고 있는 프로그램: {who}</translation>
    </message>
    <message>
        <source>Let the program that holds the lock finish, or close it; then try again.</source>
        <translation>잠그고 있는 프로그램의 작업이 끝나기를 기다리거나 그 프로그램을 종료한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>No single moment was found at which all databases stood still.</source>
        <translation>모든 데이터베이스가 동시에 멈춰 있는 순간을 찾지 못했습니다.</translation>
    </message>
    <message>
        <source>Try again when the program writes less.</source>
        <translation>프로그램의 쓰기가 줄어들면 다시 시도하세요.</translation>
    </message>
    <message>
        <source>Checking {name}</source>
        <translation>{name} 검사 중</translation>
    </message>
    <message>
        <source>{path} is the store itself, or lies in it.</source>
        <translation>저장소 자체이거나 저장소와 겹치는 폴더입니다: {path}</translation>
    </message>
    <message>
        <source>Name a folder on another disk.</source>
        <translation>다른 디스크의 폴더를 지정하세요.</translation>
    </message>
    <message>
        <source>There is no store of restore points at {path}.</source>
        <translation>복원 지점 저장소가 없습니다: {path}</translation>
    </message>
    <message>
        <source>Name the folder in which STORE.json lies.</source>
        <translation>STORE.json이 있는 폴더를 지정하세요.</translation>
    </message>
    <message>
        <source>At {path} lies another copy than before.</source>
        <translation>{path}에 있는 사본이 이전의 사본이 아닙니다.</translation>
    </message>
    <message>
        <source>Mount the right disk, or name another folder.</source>
        <translation>올바른 디스크를 연결하거나 다른 폴더를 지정하세요.</translation>
    </message>
    <message>
        <source>The copy that was at {path} is not there.</source>
        <translation>{path}에 있던 사본이 없습니다.</translation>
    </message>
    <message>
        <source>Mount its disk. Where the copy is lost, make a new one in another folder.</source>
        <translation>사본이 있는 디스크를 연결하세요. 사본을 잃었다면 다른 폴더에 새로 만드세요.</translation>
    </message>
    <message>
        <source>There is no copy at {path} yet.</source>
        <translation>{path}에는 아직 사본이 없습니다.</translation>
    </message>
    <message>
        <source>See that its disk is mounted, then make one with --create.</source>
        <translation>디스크가 연결되어 있는지 확인한 다음 --create로 사본을 만드세요.</translation>
    </message>
    <message>
        <source>There is no folder {path}.</source>
        <translation>{path} 폴더가 없습니다.</translation>
    </message>
    <message>
        <source>Mount the disk, or make the folder, then copy again.</source>
        <translation>디스크를 연결하거나 폴더를 만든 다음 다시 복사하세요.</translation>
    </message>
    <message>
        <source>{path} lies on the same disk as the restore points themselves.</source>
        <translation>{path}은(는) 복원 지점과 같은 디스크에 있습니다.</translation>
    </message>
    <message>
        <source>Copying restore points</source>
        <translation>복원 지점 복사 중</translation>
    </message>
    <message>
        <source>Not enough free space: about {needed_bytes} are needed, {free_bytes} are free in {path}.</source>
        <translation>여유 공간이 부족합니다. 필요한 공간: 약 {needed_bytes}, 남은 공간: {free_bytes}, 위치: {path}</translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation>저장된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Free some space or prune old restore points.</source>
        <translation>여유 공간을 확보하거나 오래된 복원 지점을 정리하세요.</translation>
    </message>
    <message>
        <source>Nothing was copied.</source>
        <translation>복사된 것은 없습니다.</translation>
    </message>
    <message>
        <source>The backup was not made: {why}</source>
        <translation>백업하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>The trading program's data was only read; earlier restore points are as they were.</source>
        <translation>거래 프로그램의 데이터는 읽기만 했으며, 이전 복원 지점은 그대로입니다.</translation>
    </message>
    <message>
        <source>Remove the cause, then back up again.</source>
        <translation>원인을 해결한 뒤 다시 백업하세요.</translation>
    </message>
    <message>
        <source>Copying {name}</source>
        <translation>{name} 복사 중</translation>
    </message>
    <message>
        <source>Reading back</source>
        <translation>다시 읽어 대조하는 중</translation>
    </message>
    <message>
        <source>Saved; SQLite checks it now</source>
        <translation>저장됨, 검사 중</translation>
    </message>
    <message>
        <source>Reading stored bytes</source>
        <translation>저장 데이터 읽는 중</translation>
    </message>
    <message>
        <source>The store is damaged ({why}). Marked as damaged: {ids}.</source>
        <translation>저장소가 손상되었습니다({why}). 손상으로 표시한 복원 지점: {ids}.</translation>
    </message>
    <message>
        <source>The store is damaged ({why}), and that could not be noted: {error}</source>
        <translation>저장소가 손상되었으나({why}) 이를 기록하지 못했습니다: {error}</translation>
    </message>
    <message>
        <source>The store was damaged ({why}); what was lost is stored anew.</source>
        <translation>저장소가 손상되어 있었습니다({why}). 손실된 부분을 다시 저장했습니다.</translation>
    </message>
    <message>
        <source>The restore point holds no database to export.</source>
        <translation>복원 지점에 내보낼 데이터베이스가 없습니다.</translation>
    </message>
    <message>
        <source>The export was not made: {why}</source>
        <translation>내보내지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>{path} is no folder.</source>
        <translation>폴더가 아닙니다: {path}</translation>
    </message>
    <message>
        <source>The folder {path} is not empty.</source>
        <translation>폴더가 비어 있지 않습니다: {path}</translation>
    </message>
    <message>
        <source>{path} is in the way and not an export's.</source>
        <translation>내보내기로 만든 것이 아닌 파일이 같은 위치에 있습니다: {path}</translation>
    </message>
    <message>
        <source>Hashing {name}</source>
        <translation>{name} 해시 계산 중</translation>
    </message>
    <message>
        <source>Choose a new folder with enough space.</source>
        <translation>공간이 충분한 새 폴더를 선택하세요.</translation>
    </message>
    <message>
        <source>{failed} of {all} states were not imported: {why}</source>
        <translation>{all}개 시점 중 {failed}개를 가져오지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>{count} restore points were made; the live data was not touched.</source>
        <translation>복원 지점 {count}개를 만들었습니다. 운영 데이터는 그대로입니다.</translation>
    </message>
    <message>
        <source>Look for another copy of these files.</source>
        <translation>이 파일의 다른 사본을 찾아보세요.</translation>
    </message>
    <message>
        <source>The files could not be copied: {why}</source>
        <translation>파일을 복사하지 못했습니다: {why}</translation>
    </message>
    <message>
        <source>Copying files</source>
        <translation>파일 복사 중</translation>
    </message>
    <message>
        <source>The bytes of {path} do not match its manifest.</source>
        <translation>파일 내용이 매니페스트와 일치하지 않습니다: {path}</translation>
    </message>
    <message>
        <source>{path} is no SQLite database.</source>
        <translation>SQLite 데이터베이스가 아닙니다: {path}</translation>
    </message>
    <message>
        <source>{path} holds no table.</source>
        <translation>테이블이 없는 데이터베이스입니다: {path}</translation>
    </message>
    <message>
        <source>{path} is damaged: {why}</source>
        <translation>손상된 파일입니다: {path} ({why})</translation>
    </message>
    <message>
        <source>There is nothing at {path}.</source>
        <translation>이 위치에 아무것도 없습니다: {path}</translation>
    </message>
    <message>
        <source>The manifest {path} cannot be used: {why}</source>
        <translation>매니페스트를 사용할 수 없습니다: {path} ({why})</translation>
    </message>
    <message>
        <source>The manifest names a file outside its folder for {name}: {path}</source>
        <translation>매니페스트에 적힌 {name} 파일이 폴더 밖에 있습니다: {path}</translation>
    </message>
    <message>
        <source>The file {path} is missing.</source>
        <translation>파일이 없습니다: {path}</translation>
    </message>
    <message>
        <source>The file {path} is a link to elsewhere.</source>
        <translation>다른 위치를 가리키는 링크 파일입니다: {path}</translation>
    </message>
    <message>
        <source>{first} and {second} are both called {name}: choose one of the files.</source>
        <translation>이름이 {name}인 파일이 두 개입니다: {first}, {second}. 둘 중 하나를 선택하세요.</translation>
    </message>
    <message>
        <source>The name of {path} holds no time that exists.</source>
        <translation>파일 이름의 시각이 올바르지 않습니다: {path}</translation>
    </message>
    <message>
        <source>{path} is a live file, not a backup.</source>
        <translation>백업이 아니라 운영 중인 파일입니다: {path}</translation>
    </message>
    <message>
        <source>Nothing in {path} is a backup of a guarded database ({names}).</source>
        <translation>보호 대상 데이터베이스({names})의 백업이 없습니다: {path}</translation>
    </message>
    <message>
        <source>Nothing was imported.</source>
        <translation>가져온 것은 없습니다.</translation>
    </message>
    <message>
        <source>Choose one of the backups in it: {folders}</source>
        <translation>그 안의 백업 중 하나를 선택하세요: {folders}</translation>
    </message>
    <message>
        <source>Choose another folder or file.</source>
        <translation>다른 폴더나 파일을 선택하세요.</translation>
    </message>
    <message>
        <source>Restoring {name}</source>
        <translation>{name} 복원 중</translation>
    </message>
    <message>
        <source>The restore point {id} could not be written out: {why}</source>
        <translation>복원 지점 {id}: 파일로 풀어 쓰지 못했습니다. {why}</translation>
    </message>
    <message>
        <source>The live data was not touched.</source>
        <translation>운영 데이터는 그대로입니다.</translation>
    </message>
    <message>
        <source>Verify the restore point and choose another one if needed.</source>
        <translation>복원 지점을 검증하고, 필요하면 다른 복원 지점을 선택하세요.</translation>
    </message>
    <message>
        <source>The notes of {ids} cannot be read. They may be pinned, and stay.</source>
        <translation>{ids}의 메모를 읽을 수 없습니다. 고정되어 있을 수 있으므로 그대로 둡니다.</translation>
    </message>
    <message>
        <source>There is no restore point {id}.</source>
        <translation>복원 지점이 없습니다: {id}</translation>
    </message>
    <message>
        <source>Choose another restore point.</source>
        <translation>다른 복원 지점을 선택하세요.</translation>
    </message>
    <message>
        <source>The restore point {id} is pinned.</source>
        <translation>고정된 복원 지점입니다: {id}</translation>
    </message>
    <message>
        <source>Unpin it first.</source>
        <translation>먼저 고정을 해제하세요.</translation>
    </message>
    <message>
        <source>No good restore point would remain.</source>
        <translation>정상인 복원 지점이 하나도 남지 않게 됩니다.</translation>
    </message>
    <message>
        <source>Back up first, then delete.</source>
        <translation>먼저 백업한 뒤 삭제하세요.</translation>
    </message>
    <message>
        <source>Left for want of room: {count} restore points; {needed_bytes} must be free, {free_bytes} are.</source>
        <translation>공간이 부족하여 남겨 둔 복원 지점 {count}개. 필요한 여유 공간 {needed_bytes}, 현재 {free_bytes}.</translation>
    </message>
    <message>
        <source>Free some space there by other means, then prune again.</source>
        <translation>다른 방법으로 그곳의 공간을 확보한 뒤 다시 정리하세요.</translation>
    </message>
    <message>
        <source>Nothing was removed.</source>
        <translation>삭제된 것은 없습니다.</translation>
    </message>
    <message>
        <source>The restore point {id} is damaged, so what it needs cannot be told: {why}</source>
        <translation>복원 지점 {id}: 손상되어 필요한 데이터를 판별할 수 없습니다. {why}</translation>
    </message>
    <message>
        <source>Check the disk; if the damage stays, delete that restore point.</source>
        <translation>디스크를 점검하세요. 그래도 손상되어 있으면 그 복원 지점을 삭제하세요.</translation>
    </message>
    <message>
        <source>Pruning stopped: {why}</source>
        <translation>정리가 중단되었습니다: {why}</translation>
    </message>
    <message>
        <source>Every restore point that is still listed is whole; live data is untouched.</source>
        <translation>목록에 남은 복원 지점은 모두 온전하며, 운영 데이터는 그대로입니다.</translation>
    </message>
    <message>
        <source>Remove the cause, then prune again: it goes on from there.</source>
        <translation>원인을 해결한 뒤 다시 정리하세요. 중단된 곳부터 이어집니다.</translation>
    </message>
    <message>
        <source>Rewriting packs</source>
        <translation>팩 파일 다시 쓰는 중</translation>
    </message>
    <message>
        <source>Another console is writing to the store {path}.</source>
        <translation>다른 콘솔이 저장소 {path}에 쓰고 있습니다.</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>The store {path} is of an unknown format.</source>
        <translation>알 수 없는 형식의 저장소입니다: {path}</translation>
    </message>
    <message>
        <source>Open it with the console version that made it.</source>
        <translation>저장소를 만든 버전의 콘솔로 여세요.</translation>
    </message>
    <message>
        <source>{path} is a folder of the system, not one for restore points.</source>
        <translation>{path}은(는) 시스템 폴더여서 복원 지점을 둘 수 없습니다.</translation>
    </message>
    <message>
        <source>{path} cannot be read: {why}</source>
        <translation>{path}을(를) 읽을 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>{path} holds files, but it is no store of restore points.</source>
        <translation>{path}에 파일이 있지만 복원 지점 저장소가 아닙니다.</translation>
    </message>
    <message>
        <source>Name an empty folder, or one that does not exist yet.</source>
        <translation>비어 있는 폴더나 아직 없는 폴더를 지정하세요.</translation>
    </message>
    <message>
        <source>The marker of the store {path} was damaged; it was made anew.</source>
        <translation>저장소 표식 파일이 손상되어 새로 만들었습니다: {path}</translation>
    </message>
    <message>
        <source>The restore point {id} cannot be used: {why}</source>
        <translation>복원 지점 {id}: 사용할 수 없습니다. {why}</translation>
    </message>
    <message>
        <source>The store is damaged ({why}); the restore point {id} needs nothing of that.</source>
        <translation>저장소가 손상되었습니다({why}). 복원 지점 {id}에는 그 부분이 필요하지 않습니다.</translation>
    </message>
</context><context>
    <name>strip</name>
    <message>
        <source>Trading program</source>
        <translation>거래 프로그램</translation>
    </message>
    <message>
        <source>Newest restore point</source>
        <translation>최신 복원 지점</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>알림</translation>
    </message>
    <message>
        <source>State of the workspace</source>
        <translation>작업 공간 상태</translation>
    </message>
    <message>
        <source>None</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>Not running</source>
        <translation>실행 중 아님</translation>
    </message>
    <message>
        <source>Running for {time} · PID {pid}</source>
        <translation>{time}째 실행 중 · PID {pid}</translation>
    </message>
    <message>
        <source>None yet</source>
        <translation>아직 없음</translation>
    </message>
</context><context>
    <name>swappable</name>
    <message>
        <source>Nothing was touched.</source>
        <translation>아무것도 변경하지 않았습니다.</translation>
    </message>
    <message>
        <source>Name the real file in ops_console.yaml.</source>
        <translation>ops_console.yaml에 실제 파일을 지정하세요.</translation>
    </message>
    <message>
        <source>{path} does not lead to {real} any more.</source>
        <translation>{path}이(가) 더 이상 {real}을(를) 가리키지 않습니다.</translation>
    </message>
    <message>
        <source>Start the console again.</source>
        <translation>콘솔을 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{path} is a link that leads nowhere.</source>
        <translation>{path}은(는) 아무 곳도 가리키지 않는 링크입니다.</translation>
    </message>
    <message>
        <source>{path} leads to {real}, and there is no folder {folder}.</source>
        <translation>{path}은(는) {real}을(를) 가리키지만 폴더 {folder}이(가) 없습니다.</translation>
    </message>
    <message>
        <source>Connect the disk, or make the folder.</source>
        <translation>디스크를 연결하거나 폴더를 만드세요.</translation>
    </message>
    <message>
        <source>{path} is no regular file.</source>
        <translation>{path}은(는) 일반 파일이 아닙니다.</translation>
    </message>
    <message>
        <source>Put a regular file in its place while nothing runs.</source>
        <translation>아무 프로그램도 실행되지 않을 때 일반 파일로 바꾸세요.</translation>
    </message>
    <message>
        <source>{path} is mounted by itself.</source>
        <translation>{path}은(는) 파일 하나만 따로 마운트되어 있습니다.</translation>
    </message>
    <message>
        <source>Mount the folder instead of the file.</source>
        <translation>파일 대신 폴더를 마운트하세요.</translation>
    </message>
    <message>
        <source>{path} has other names as well (hard links: {count}), which would keep what is replaced.</source>
        <translation>{path}에 다른 이름도 있어(하드 링크 {count}개), 교체해도 그 이름에는 이전 내용이 남습니다.</translation>
    </message>
    <message>
        <source>Remove the other names, or use a symbolic link for them.</source>
        <translation>다른 이름을 지우거나 심볼릭 링크로 바꾸세요.</translation>
    </message>
    <message>
        <source>{path} cannot be read and written by this user.</source>
        <translation>현재 사용자는 {path}을(를) 읽고 쓸 수 없습니다.</translation>
    </message>
    <message>
        <source>Run the console as its owner or as the administrator.</source>
        <translation>파일 소유자나 관리자 권한으로 콘솔을 실행하세요.</translation>
    </message>
    <message>
        <source>{path} belongs to {owner}, and what this console puts in its place could not.</source>
        <translation>{path} 파일의 소유자는 {owner}이며, 이 콘솔이 그 자리에 넣는 파일은 같은 소유자로 만들 수 없습니다.</translation>
    </message>
    <message>
        <source>Run the console as {user}, or as root.</source>
        <translation>콘솔을 {user} 사용자 또는 root로 실행하세요.</translation>
    </message>
    <message>
        <source>The folder {path} cannot be written.</source>
        <translation>폴더 {path}에 쓸 수 없습니다.</translation>
    </message>
    <message>
        <source>Let this user write it.</source>
        <translation>이 사용자에게 쓰기 권한을 주세요.</translation>
    </message>
    <message>
        <source>{path} belongs to another user, and its folder lets nobody else take it away (sticky).</source>
        <translation>{path}은(는) 다른 사용자의 파일이며, 소유자가 아니면 옮길 수 없는 폴더(sticky)에 있습니다.</translation>
    </message>
</context><context>
    <name>verification</name>
    <message>
        <source>Every guarded file can be swapped.</source>
        <translation>모든 보호 대상 파일을 교체할 수 있습니다.</translation>
    </message>
    <message>
        <source>Go back to a good restore point: 'rollback'.</source>
        <translation>정상 복원 지점으로 되돌리세요: 'rollback'.</translation>
    </message>
    <message>
        <source>{name} holds no table.</source>
        <translation>{name}에 테이블이 없습니다.</translation>
    </message>
    <message>
        <source>If it held any before, go back to a good restore point: 'rollback'.</source>
        <translation>이전에 테이블이 있었다면 온전한 복원 지점으로 되돌리세요: 'rollback'.</translation>
    </message>
    <message>
        <source>{name} is whole, but {count} rows refer to rows that are not there.</source>
        <translation>{name}: 파일은 온전하지만, 없는 행을 참조하는 행이 {count}개 있습니다.</translation>
    </message>
    <message>
        <source>{name} is whole: {tables} tables, {rows} rows.</source>
        <translation>{name}: 온전합니다. 테이블 {tables}개, 행 {rows}개.</translation>
    </message>
    <message>
        <source>Not enough free space for a copy to check: about {needed_bytes} are needed, {free_bytes} are free.</source>
        <translation>검사용 사본을 만들 공간이 부족합니다. 필요한 공간: 약 {needed_bytes}, 남은 공간: {free_bytes}.</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Free some space, then try again.</source>
        <translation>여유 공간을 확보한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>{name} is damaged: {why}</source>
        <translation>{name}: 손상되었습니다. {why}</translation>
    </message>
    <message>
        <source>{name} is missing.</source>
        <translation>{name}: 파일이 없습니다.</translation>
    </message>
    <message>
        <source>{name} is no database that SQLite can read.</source>
        <translation>{name}: SQLite가 읽을 수 없는 파일입니다.</translation>
    </message>
    <message>
        <source>{name} kept changing while it was read.</source>
        <translation>{name}: 읽는 동안 계속 바뀌어 검사하지 못했습니다.</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>{name} 읽는 중</translation>
    </message>
    <message>
        <source>The journal knows of no rollback.</source>
        <translation>작업 기록에 롤백이 없습니다.</translation>
    </message>
    <message>
        <source>Prove the system instead: 'verify system'.</source>
        <translation>시스템 전체를 검증하려면 'verify system'을 실행하세요.</translation>
    </message>
    <message>
        <source>The last rollback, begun {when}, went well.</source>
        <translation>마지막 롤백(시작 {when})이 정상적으로 끝났습니다.</translation>
    </message>
    <message>
        <source>The last rollback, begun {when}, did not go through: {why}</source>
        <translation>마지막 롤백(시작 {when})이 완료되지 않았습니다: {why}</translation>
    </message>
    <message>
        <source>Remove the cause, then roll back again.</source>
        <translation>원인을 해결한 뒤 다시 롤백하세요.</translation>
    </message>
    <message>
        <source>The restore point {id} is not there any more.</source>
        <translation>복원 지점이 더 이상 없습니다: {id}</translation>
    </message>
    <message>
        <source>Tables of {id} are not live: {tables}</source>
        <translation>복원 지점 {id}의 테이블이 운영 데이터에 없습니다: {tables}</translation>
    </message>
    <message>
        <source>Roll back to it again: 'rollback --to'.</source>
        <translation>그 복원 지점으로 다시 롤백하세요: 'rollback --to'.</translation>
    </message>
    <message>
        <source>Every table of {id} is live.</source>
        <translation>복원 지점 {id}의 모든 테이블이 운영 데이터에 있습니다.</translation>
    </message>
    <message>
        <source>There was no live file before the rollback.</source>
        <translation>롤백하기 전에는 운영 파일이 없었습니다.</translation>
    </message>
    <message>
        <source>What was live before the rollback, {id}, is not there any more.</source>
        <translation>롤백 전 데이터를 담은 복원 지점이 더 이상 없습니다: {id}</translation>
    </message>
    <message>
        <source>What was live before the rollback is restore point {id}.</source>
        <translation>롤백 전의 데이터는 복원 지점으로 남아 있습니다: {id}</translation>
    </message>
    <message>
        <source>The trading program runs: process {pid}.</source>
        <translation>거래 프로그램이 실행 중입니다(PID {pid}).</translation>
    </message>
    <message>
        <source>The trading program does not run.</source>
        <translation>거래 프로그램이 실행 중이 아닙니다.</translation>
    </message>
    <message>
        <source>Start it: 'service start'.</source>
        <translation>'service start'로 시작하세요.</translation>
    </message>
    <message>
        <source>A database does not answer: {why}</source>
        <translation>응답하지 않는 데이터베이스가 있습니다: {why}</translation>
    </message>
    <message>
        <source>There is no database that could answer.</source>
        <translation>응답할 데이터베이스가 없습니다.</translation>
    </message>
    <message>
        <source>The slowest database, {database}, answers within {milliseconds} ms; the limit is {limit} ms.</source>
        <translation>가장 느린 데이터베이스({database})의 응답 시간은 {milliseconds}ms이고, 기준은 {limit}ms입니다.</translation>
    </message>
    <message>
        <source>Look at 'health' for what keeps it busy.</source>
        <translation>'health'로 원인을 확인하세요.</translation>
    </message>
    <message>
        <source>An operation was cut off and lies unfinished.</source>
        <translation>중단되어 끝나지 않은 작업이 있습니다.</translation>
    </message>
    <message>
        <source>Finish or undo it: 'recover'.</source>
        <translation>'recover'로 마무리하거나 취소하세요.</translation>
    </message>
    <message>
        <source>Nothing lies unfinished.</source>
        <translation>끝나지 않은 작업이 없습니다.</translation>
    </message>
    <message>
        <source>There is no good restore point.</source>
        <translation>정상 복원 지점이 없습니다.</translation>
    </message>
    <message>
        <source>Make one: 'backup create'.</source>
        <translation>'backup create'로 만드세요.</translation>
    </message>
    <message>
        <source>The newest good restore point is {id}.</source>
        <translation>가장 최근의 정상 복원 지점: {id}</translation>
    </message>
</context><context>
    <name>wayback</name>
    <message>
        <source>The trading program does not run: there is nothing to stop.</source>
        <translation>거래 프로그램이 실행 중이 아니므로 멈출 것이 없습니다.</translation>
    </message>
    <message>
        <source>The trading program (process {pids}) can be asked to close.</source>
        <translation>거래 프로그램(PID {pids})에 종료를 요청할 수 있습니다.</translation>
    </message>
    <message>
        <source>The trading program (process {pid}) has no window that could be asked to close; it hears CTRL_BREAK only where the console started it.</source>
        <translation>거래 프로그램(PID {pid})에는 종료를 요청할 창이 없습니다. 콘솔이 시작한 경우에만 CTRL_BREAK 요청을 받습니다.</translation>
    </message>
    <message>
        <source>Close it yourself before you go back, or start it by the console.</source>
        <translation>되돌리기 전에 직접 종료하거나, 콘솔로 다시 시작하십시오.</translation>
    </message>
    <message>
        <source>Close it yourself before you go back.</source>
        <translation>롤백하기 전에 직접 종료하세요.</translation>
    </message>
    <message>
        <source>The trading program (process {pid}) does not listen to the request to close (SIGTERM).</source>
        <translation>거래 프로그램(PID {pid})이 종료 요청(SIGTERM)을 받지 않습니다.</translation>
    </message>
    <message>
        <source>The trading program (process {pid}) does not close in order when asked to (SIGTERM): it ends at once.</source>
        <translation>거래 프로그램(PID {pid})은 종료 요청(SIGTERM)을 받으면 정리하지 않고 바로 끝납니다.</translation>
    </message>
    <message>
        <source>The trading program (process {pid}) belongs to {owner}: this user cannot ask it to close.</source>
        <translation>거래 프로그램(PID {pid})은 {owner} 사용자의 것입니다. 현재 사용자는 종료를 요청할 수 없습니다.</translation>
    </message>
    <message>
        <source>Run the console as its user or as the administrator.</source>
        <translation>거래 프로그램의 사용자나 관리자 권한으로 콘솔을 실행하세요.</translation>
    </message>
    <message>
        <source>the files to be swapped in</source>
        <translation>교체해 넣을 파일</translation>
    </message>
    <message>
        <source>the restore point of the present</source>
        <translation>현재 상태의 복원 지점</translation>
    </message>
    <message>
        <source>the restore point of what is replaced</source>
        <translation>교체되는 파일의 복원 지점</translation>
    </message>
    <message>
        <source>journal and notes</source>
        <translation>작업 기록</translation>
    </message>
    <message>
        <source>{path}: {needed_bytes} needed, {free_bytes} free</source>
        <translation>{path}: 필요 {needed_bytes}, 남음 {free_bytes}</translation>
    </message>
    <message>
        <source>There is room for all steps to the end ({disks}).</source>
        <translation>모든 단계를 끝까지 마칠 공간이 있습니다({disks}).</translation>
    </message>
    <message>
        <source>On the disk of {path} there is no room for all steps to the end: {needed_bytes} are needed ({what}), {free_bytes} are free.</source>
        <translation>{path}이(가) 있는 디스크에 모든 단계를 끝까지 마칠 공간이 없습니다. 필요한 공간: {needed_bytes}({what}), 남은 공간: {free_bytes}.</translation>
    </message>
    <message>
        <source>Free some space on it, or prune restore points.</source>
        <translation>그 디스크의 여유 공간을 확보하거나 복원 지점을 정리하세요.</translation>
    </message>
    <message>
        <source>The disk of {path} has room to go back, and then none to keep what was replaced as a restore point: {needed_bytes} are needed, {free_bytes} are free. It would stay parked.</source>
        <translation>{path}이(가) 있는 디스크에 롤백할 공간은 있지만, 교체된 파일을 복원 지점으로 저장할 공간이 없습니다. 필요한 공간: {needed_bytes}, 남은 공간: {free_bytes}. 교체된 파일은 운영 파일 옆에 그대로 보관됩니다.</translation>
    </message>
    <message>
        <source>owner {found} instead of {wanted}</source>
        <translation>소유자 {found}(원래 {wanted})</translation>
    </message>
    <message>
        <source>group {found} instead of {wanted}</source>
        <translation>그룹 {found}(원래 {wanted})</translation>
    </message>
    <message>
        <source>mode {found} instead of {wanted}</source>
        <translation>권한 {found}(원래 {wanted})</translation>
    </message>
    <message>
        <source>another access control list</source>
        <translation>다른 접근 제어 목록(ACL)</translation>
    </message>
    <message>
        <source>another SELinux label</source>
        <translation>다른 SELinux 레이블</translation>
    </message>
    <message>
        <source>Correct the command, or program.start in ops_console.yaml.</source>
        <translation>명령을 바로잡거나 ops_console.yaml의 program.start를 고치세요.</translation>
    </message>
    <message>
        <source>How the trading program is started is not known: there is no {script} in {path}.</source>
        <translation>거래 프로그램을 시작하는 방법을 알 수 없습니다. {path}에 {script}이(가) 없습니다.</translation>
    </message>
    <message>
        <source>{command} cannot be started: {why}</source>
        <translation>{command}을(를) 시작할 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>The trading program could not be started again: {why}</source>
        <translation>거래 프로그램을 다시 시작할 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>The trading program can be started again: its interpreter {command} starts, its script and its data are open to it.</source>
        <translation>거래 프로그램을 다시 시작할 수 있습니다. 인터프리터 {command}이(가) 시작되며, 스크립트와 데이터에 접근할 수 있습니다.</translation>
    </message>
    <message>
        <source>The trading program can be started again: {command} is there and may be executed.</source>
        <translation>거래 프로그램을 다시 시작할 수 있습니다. {command}이(가) 있고 실행할 수 있습니다.</translation>
    </message>
    <message>
        <source>{path} cannot be run: {why}</source>
        <translation>{path}을(를) 실행할 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>it could not read and write {paths}</source>
        <translation>{paths}을(를) 읽고 쓸 수 없습니다</translation>
    </message>
    <message>
        <source>Remove the cause, then try again.</source>
        <translation>원인을 제거한 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>The way back was tried beside the live files, and fails: {why}</source>
        <translation>운영 파일 옆에서 롤백을 시험했으나 실패했습니다: {why}</translation>
    </message>
    <message>
        <source>Trying the way back beside the live files</source>
        <translation>운영 파일 옆에서 롤백 시험 중</translation>
    </message>
    <message>
        <source>Owner and rights are given to what is swapped in.</source>
        <translation>교체해 넣은 파일이 소유자와 권한을 그대로 이어받습니다.</translation>
    </message>
    <message>
        <source>What is put in the place of {path} would have {differences}.</source>
        <translation>{path} 자리에 넣을 파일의 속성이 달라집니다: {differences}.</translation>
    </message>
    <message>
        <source>Go back as the owner of the file or as the administrator, and set it right by hand afterwards.</source>
        <translation>파일 소유자나 관리자 권한으로 롤백한 뒤 직접 바로잡으세요.</translation>
    </message>
    <message>
        <source>{path} belongs to {owner}, with rights that this user cannot give: what is put in its place would have others, and the trading program might not be able to open it.</source>
        <translation>{path}은(는) {owner} 사용자의 파일이며, 현재 사용자는 같은 소유자와 권한을 줄 수 없습니다. 그 자리에 넣을 파일의 권한이 달라져 거래 프로그램이 열지 못할 수 있습니다.</translation>
    </message>
    <message>
        <source>Run the console as {owner} or as the administrator.</source>
        <translation>{owner} 사용자나 관리자 권한으로 콘솔을 실행하세요.</translation>
    </message>
    <message>
        <source>what was swapped in is not whole ({what}).</source>
        <translation>교체해 넣은 파일이 온전하지 않습니다({what}).</translation>
    </message>
    <message>
        <source>The live files were not touched.</source>
        <translation>운영 파일은 건드리지 않았습니다.</translation>
    </message>
    <message>
        <source>Verify the restore points: 'backup verify --full'.</source>
        <translation>복원 지점을 검증하세요: 'backup verify --full'.</translation>
    </message>
    <message>
        <source>Opening {name} as it would be found</source>
        <translation>롤백 후 상태로 {name} 열어 보는 중</translation>
    </message>
    <message>
        <source>what was replaced did not come back as it was ({names}).</source>
        <translation>교체된 파일이 원래대로 돌아오지 않았습니다({names}).</translation>
    </message>
    <message>
        <source>Look at the disk on which they lie.</source>
        <translation>그 파일이 있는 디스크를 확인하세요.</translation>
    </message>
    <message>
        <source>The way back was tried beside the live files: {count} stand-ins were swapped in and out again.</source>
        <translation>운영 파일 옆에서 롤백을 시험했습니다. 대역 파일 {count}개를 교체해 넣었다가 되돌렸습니다.</translation>
    </message>
    <message>
        <source>The way back was tried beside the live files: {id} was staged ({size_bytes}), swapped in for {count} stand-ins, opened, and swapped out again.</source>
        <translation>운영 파일 옆에서 롤백을 시험했습니다. {id}({size_bytes})을(를) 준비해 대역 파일 {count}개와 교체하고 열어 본 뒤 되돌렸습니다.</translation>
    </message>
</context><context>
    <name>welcome</name>
    <message>
        <source>Started in the program's folder, or with --app and its path, the console opens it at once.</source>
        <translation>거래 프로그램 폴더에서 실행하거나 --app으로 경로를 지정하면 다음부터 바로 열립니다.</translation>
    </message>
    <message>
        <source>Which trading program?</source>
        <translation>어떤 거래 프로그램을 여시겠습니까?</translation>
    </message>
    <message>
        <source>&amp;Choose the folder …</source>
        <translation>폴더 선택(&amp;C)…</translation>
    </message>
    <message>
        <source>Open the &amp;practice workspace</source>
        <translation>연습 작업 공간 열기(&amp;P)</translation>
    </message>
    <message>
        <source>Guard my trading program</source>
        <translation>내 거래 프로그램 보호</translation>
    </message>
    <message>
        <source>Choose the folder in which its script and its databases lie. The console reads them and then makes a folder of its own beside them.</source>
        <translation>실행 파일과 데이터베이스가 있는 폴더를 선택하세요. 콘솔은 먼저 내용을 확인한 뒤 그 옆에 자체 폴더를 만듭니다.</translation>
    </message>
    <message>
        <source>Practise first</source>
        <translation>먼저 연습하기</translation>
    </message>
    <message>
        <source>A stand-in program with invented data, to back up, roll back and migrate without any risk.</source>
        <translation>가상 데이터로 움직이는 연습용 프로그램입니다. 백업, 롤백, 마이그레이션을 위험 없이 해 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>Its place: {folder}</source>
        <translation>위치: {folder}</translation>
    </message>
    <message>
        <source>The trading program's folder</source>
        <translation>거래 프로그램 폴더</translation>
    </message>
    <message>
        <source>The workspace is being made …</source>
        <translation>작업 공간을 만드는 중…</translation>
    </message>
    <message>
        <source>The practice workspace cannot be made: {why}</source>
        <translation>연습 작업 공간을 만들 수 없습니다: {why}</translation>
    </message>
    <message>
        <source>Nothing else was touched.</source>
        <translation>그 밖에 변경된 것은 없습니다.</translation>
    </message>
    <message>
        <source>Look at the disk's space and permissions, and at {folder}.</source>
        <translation>디스크의 여유 공간과 권한, 그리고 {folder} 폴더를 확인하세요.</translation>
    </message>
</context><context>
    <name>window</name>
    <message>
        <source>Show the console</source>
        <translation>콘솔 열기</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>종료</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>The console met an error of its own.</source>
        <translation>콘솔 자체에서 오류가 발생했습니다.</translation>
    </message>
    <message>
        <source>The strip at the top shows what state the live data is in; the details are in the log.</source>
        <translation>운영 데이터의 현재 상태는 맨 위 상태 줄에 표시됩니다. 자세한 내용은 로그에 있습니다.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>백업</translation>
    </message>
    <message>
        <source>Migration</source>
        <translation>마이그레이션</translation>
    </message>
    <message>
        <source>Health</source>
        <translation>상태</translation>
    </message>
    <message>
        <source>Rollback</source>
        <translation>롤백</translation>
    </message>
    <message>
        <source>Deployment</source>
        <translation>배포</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>기록</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>메뉴</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>언어</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>시스템 설정에 맞춤</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>밝게</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>어둡게</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>화면 테마</translation>
    </message>
    <message>
        <source>Find an action…</source>
        <translation>작업 찾기…</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>지금 백업</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>새로 고침</translation>
    </message>
    <message>
        <source>Operations manual</source>
        <translation>운영 매뉴얼</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>단축키</translation>
    </message>
    <message>
        <source>About</source>
        <translation>정보</translation>
    </message>
    <message>
        <source>Upbit Ops Console {version}
Free software under the GNU GPL, version 3 or later.</source>
        <translation>Upbit Ops Console {version}
GNU GPL 버전 3 이상을 따르는 자유 소프트웨어입니다.</translation>
    </message>
    <message>
        <source>{operation} is still under way.</source>
        <translation>{operation} 작업이 아직 진행 중입니다.</translation>
    </message>
    <message>
        <source>Close when it is done</source>
        <translation>완료되면 닫기</translation>
    </message>
    <message>
        <source>Cancel it and close</source>
        <translation>취소하고 닫기</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>닫지 않기</translation>
    </message>
</context></TS>
